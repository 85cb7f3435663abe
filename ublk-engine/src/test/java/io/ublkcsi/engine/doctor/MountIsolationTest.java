package io.ublkcsi.engine.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an engine's container may see of other mounts, and what it may not. */
class MountIsolationTest {
    private static final String HOST = "pid:[4026531836]";
    private static final String ORDINARY = """
            1 0 0:60 / / ro,relatime master:38 - overlay overlay ro
            2 1 0:61 / /proc rw shared:2 - proc proc rw
            3 1 0:62 / /sys/fs/cgroup ro master:11 - cgroup2 cgroup rw
            4 1 8:1 /srv/pool /pools/local rw,relatime - xfs /dev/sda1 rw
            5 1 8:1 /var/lib/kubelet/pods/a1/etc-hosts /etc/hosts rw - ext4 /dev/sda1 rw
            6 1 8:1 /var/lib/kubelet/pods/a1/volumes/kubernetes.io~empty-dir/run /run/ublk-csi rw - ext4 /dev/sda1 rw
            """;

    @TempDir
    private Path root;

    @BeforeEach
    void container() throws IOException {
        pids("pid:[4026532999]");
    }

    private void pids(String namespace) throws IOException {
        Path link = root.resolve("proc/self/ns/pid");
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(namespace));
    }

    private void firstProcess(String mounts) throws IOException {
        Files.createDirectories(root.resolve("proc/1"));
        Files.writeString(root.resolve("proc/1/mountinfo"), mounts);
    }

    private String problem(String mounts) throws IOException {
        Files.writeString(root.resolve("proc/self/mountinfo"), mounts);
        return new MountIsolation(new NodeFiles(root)).describe();
    }

    @Test
    void ordinaryContainerMayServe() throws IOException {
        assertThat(problem(ORDINARY)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/srv/pool /pools/local rw,relatime shared:7 - xfs /dev/sda1 rw",
                "/srv/pool /pools/local rw,relatime master:7 - xfs /dev/sda1 rw",
                "/ /host rw unbindable shared:4 - ext4 /dev/sda1 rw",
                "/ / rw shared:4 master:1 - overlay overlay rw"
            })
    void mountPropagationIsRefused(String line) throws IOException {
        assertThat(problem(ORDINARY + "9 1 8:1 " + line)).contains("mountPropagation");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/var/lib/kubelet /var/lib/kubelet rw - ext4 /dev/sda1 rw",
                "/var/lib/k0s/kubelet /data rw - ext4 /dev/sda1 rw",
                "/var/lib/kubelet/pods /pods rw - ext4 /dev/sda1 rw",
                "/var/lib/kubelet/plugins/kubernetes.io/csi /csi rw - ext4 /dev/sda1 rw"
            })
    void kubeletsDirectoryIsRefused(String line) throws IOException {
        assertThat(problem(ORDINARY + "9 1 8:1 " + line)).contains("kubelet");
    }

    @Test
    void kubeletsDirectoryWithinAnotherMountIsRefused() throws IOException {
        Files.createDirectories(root.resolve("host/var/lib/kubelet/pods"));

        assertThat(problem(ORDINARY + "9 1 8:1 / /host rw - ext4 /dev/sda1 rw")).contains("at /host");
    }

    @Test
    void hostsOwnNamespaceIsNoMatter() throws IOException {
        pids(HOST);
        firstProcess("21 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n");

        assertThat(problem("21 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n")).isEmpty();
    }

    @Test
    void serviceWithANamespaceOfItsOwnOnTheHostIsAContainer() throws IOException {
        pids(HOST);
        firstProcess("21 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n");

        assertThat(problem("77 0 8:1 / / rw master:1 - ext4 /dev/sda1 rw\n")).contains("propagation private");
    }
}
