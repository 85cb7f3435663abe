package io.ublkcsi.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.ublkcsi.proto.engine.v1.AttachOptions;
import io.ublkcsi.proto.engine.v1.Device;
import io.ublkcsi.proto.engine.v1.Frontend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The contingencies of the kernel's own document on TCMU, one test each: the server never comes, hangs, dies,
 * misbehaves. Nothing is lost, and nothing hangs for good.
 */
class TcmuServerIT {
    private static final int KILLS = 5;
    private static final AttachOptions TCMU =
            AttachOptions.newBuilder().setFrontend(Frontend.FRONTEND_TCMU).build();
    private static final String POOL = "tcmu";
    private static final String FOLDER = Guest.environment("E2E_EXT4_POOL") + "/tcmu";
    private static final String FIO = "while [ ! -e /run/tcmu-stop ]; do fio --ioengine=io_uring --direct=1"
            + " --verify=crc32c --verify_fatal=1 --randrepeat=0 --output-format=terse --terse-version=3"
            + " --rw=randwrite --bs=4k --iodepth=16 --serialize_overlap=1 --size=8m --verify_backlog=256 --name=kills"
            + " --filename=%s || exit 1; done";

    private final Random random = new Random();

    private static OwnEngine engine() {
        Shell.run("mkdir -p " + FOLDER);
        return new OwnEngine(
                "tcmu", List.of("name=" + POOL + ",kind=file,path=" + FOLDER + ",minFree=16Mi,overcommit=100"));
    }

    private static void away(OwnEngine engine, String volume) {
        engine.detach(POOL, volume, false);
        Shell.run("rm -f " + FOLDER + "/" + volume + "*");
    }

    private static Process inBackground(String line, Path output) throws Exception {
        return new ProcessBuilder("bash", "-c", line)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static void endsWell(Process process, Path output) throws Exception {
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).as("it ends").isTrue();
        assertThat(process.exitValue()).as(Shell.read(output)).isZero();
    }

    @Test
    void theServerDies() throws Exception {
        Path output = Path.of("/run/tcmu-fio.log");
        Path stop = Path.of("/run/tcmu-stop");
        Files.deleteIfExists(stop);
        OwnEngine engine = engine();
        Device device = engine.attach(POOL, "dies", 32 * Guest.MIB, TCMU);
        Process fio = inBackground(FIO.formatted(device.getPath()), output);
        for (int kill = 0; kill < KILLS; kill++) {
            OwnEngine.pause(100 + random.nextInt(1500));
            engine.kill();
            engine = engine();
            engine.awaitAllLive();
        }
        Files.createFile(stop);
        endsWell(fio, output);
        away(engine, "dies");
        engine.close();
    }

    /** The disk is the same afterwards, and so are its reservations: the unit was not reset. A detach ends them. */
    @Test
    void reservationsOutliveAnEngineAndNoDetach() {
        // Without this folder the kernel answers every registration with an error, whether it is to be kept or not.
        Shell.run("mkdir -p /var/target/pr");
        OwnEngine engine = engine();
        String disk = engine.attach(POOL, "reserved", 16 * Guest.MIB, TCMU).getPath();
        Shell.run("sg_persist -n --out --register --param-sark=0xabc " + disk);
        Shell.run("sg_persist -n --out --reserve --param-rk=0xabc --prout-type=5 " + disk);
        engine.kill();
        engine = engine();
        engine.awaitAllLive();
        assertThat(Shell.run("sg_persist -n -k " + disk)).contains("0xabc");
        assertThat(Shell.run("sg_persist -n -r " + disk)).contains("Key=0xabc");
        engine.detach(POOL, "reserved", false);
        String again = engine.attach(POOL, "reserved", 16 * Guest.MIB, TCMU).getPath();
        assertThat(Shell.run("sg_persist -n -k " + again)).doesNotContain("0xabc");
        away(engine, "reserved");
        engine.close();
    }

    /** Stopped, and set going again: what waited is done. */
    @Test
    void theServerHangs() throws Exception {
        Path output = Path.of("/run/tcmu-dd.log");
        try (OwnEngine engine = engine()) {
            Device device = engine.attach(POOL, "hangs", 16 * Guest.MIB, TCMU);
            Shell.run("kill -STOP " + engine.pid());
            Process dd =
                    inBackground("dd if=/dev/urandom of=" + device.getPath() + " bs=64k count=32 oflag=direct", output);
            assertThat(dd.waitFor(3, TimeUnit.SECONDS)).isFalse();
            Shell.run("kill -CONT " + engine.pid());
            endsWell(dd, output);
            away(engine, "hangs");
        }
    }

    /** What is sent meanwhile waits; whenever one comes, it is done. */
    @Test
    void theServerNeverComes() throws Exception {
        Path output = Path.of("/run/tcmu-dd.log");
        OwnEngine engine = engine();
        String disk = engine.attach(POOL, "never", 16 * Guest.MIB, TCMU).getPath();
        engine.kill();
        Process dd = inBackground("dd if=/dev/zero of=" + disk + " bs=4k count=4 oflag=direct", output);
        assertThat(dd.waitFor(5, TimeUnit.SECONDS)).isFalse();
        engine = engine();
        endsWell(dd, output);
        away(engine, "never");
        engine.close();
    }

    /** Nobody is to come: what waits fails, and nothing of the disk is left. */
    @Test
    void releaseFreesADeadServersDisk() throws Exception {
        Path output = Path.of("/run/tcmu-dd.log");
        OwnEngine engine = engine();
        String disk = engine.attach(POOL, "released", 16 * Guest.MIB, TCMU).getPath();
        engine.kill();
        Process dd = inBackground("dd if=/dev/zero of=" + disk + " bs=4k count=4 oflag=direct", output);
        assertThat(dd.waitFor(2, TimeUnit.SECONDS)).isFalse();
        String release = Guest.environment("E2E_COMMAND") + " release --all --state-dir /run/ublk-csi-tcmu-state";
        assertThat(Shell.run("timeout 60 " + release)).contains("tcmu/released released: its I/O has failed");
        assertThat(dd.waitFor(300, TimeUnit.SECONDS)).as("what waited ends").isTrue();
        assertThat(dd.exitValue()).isNotZero();
        assertThat(Files.exists(Path.of(disk))).isFalse();
        engine = engine();
        assertThat(engine.log()).doesNotContain("released");
        Shell.run("rm -f " + FOLDER + "/released*");
        engine.close();
    }

    /** It completes what nobody has sent: the kernel calls the ring broken, until the next engine resets it. */
    @Test
    void theServerMisbehaves() {
        OwnEngine engine = engine();
        Device device = engine.attach(POOL, "misbehaves", 16 * Guest.MIB, TCMU);
        Shell.run("dd if=/dev/urandom of=" + device.getPath() + " bs=64k count=8 oflag=direct status=none");
        String uio = "/dev/uio" + device.getDeviceId();
        engine.kill();
        Shell.run("python3 -c \"import mmap, os, struct; f = os.open('" + uio + "', os.O_RDWR);"
                + " n = int(open('/sys/class/uio/" + uio.substring(5) + "/maps/map0/size').read(), 0);"
                + " m = mmap.mmap(f, n); t = struct.unpack('I', m[64:68])[0];"
                + " m[128 + t:136 + t] = struct.pack('IHBB', 0x81, 999, 0, 0);"
                + " m[64:68] = struct.pack('I', (t + 0x80) % struct.unpack('I', m[8:12])[0]);"
                + " os.write(f, bytes(4))\"");
        engine = engine();
        engine.awaitAllLive();
        Shell.run("dd if=" + device.getPath() + " of=/dev/null bs=64k count=8 iflag=direct status=none");
        assertThat(Shell.run("dmesg")).contains("ring is broken");
        away(engine, "misbehaves");
        engine.close();
    }
}
