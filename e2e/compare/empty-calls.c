// Calls the kernel over and over and does nothing in between: what tracing itself costs shows in the gaps.
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  for (;;) syscall(SYS_getppid);
}
