// unaligned DEVICE: direct reads and writes from memory that is not aligned, of every length down to a sector. The
// kernel may refuse one at once (EINVAL); what it takes has to work. Prints what was taken and what was refused.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 1 << 18 };
static const size_t shift[] = {0, 4, 512, 1024, 2048, 4092}, length[] = {512, 1024, 4096, 12288, 65536};
static char *memory, *again;
static int taken, refused;

static int failed(const char *what, size_t off, size_t bytes) {
  fprintf(stderr, "%s of %zu bytes at memory offset %zu: %s\n", what, bytes, off, strerror(errno));
  return 1;
}

static int attempt(int fd, size_t off, size_t bytes, long place) {
  for (size_t i = 0; i < bytes; i++) memory[off + i] = (char)(i * 7 + place / 512 + off);
  ssize_t done = pwrite(fd, memory + off, bytes, place);
  if (done < 0 && errno == EINVAL) return refused++, 0;
  if (done != (ssize_t)bytes) return failed("write", off, bytes);
  memset(again, 0, ROOM);
  done = pread(fd, again + off, bytes, place);
  if (done != (ssize_t)bytes) return failed("read", off, bytes);
  if (memcmp(memory + off, again + off, bytes)) return fprintf(stderr, "other data came back\n"), 1;
  return taken++, 0;
}

int main(int argc, char **argv) {
  int fd = argc == 2 ? open(argv[1], O_RDWR | O_DIRECT) : -1;
  if (fd < 0 || posix_memalign((void **)&memory, 4096, ROOM) || posix_memalign((void **)&again, 4096, ROOM)) return 2;
  long place = 0;
  for (size_t s = 0; s < sizeof shift / sizeof *shift; s++)
    for (size_t l = 0; l < sizeof length / sizeof *length; l++, place += 1 << 17) {
      if (attempt(fd, shift[s], length[l], place)) return 1;
      if (attempt(fd, shift[s], length[l], place + 512)) return 1;
    }
  printf("%d taken, %d refused\n", taken, refused);
  return taken ? 0 : 1;
}
