package io.ublkcsi.engine;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packages of the engine depend on each other in one direction only. */
final class LayersTest {
    private static final String ENGINE = "io.ublkcsi.engine.";
    private static final Set<String> SEAM = Set.of("block", "uring", "sys");

    /** What each layer may use; frontends and backends meet at the block seam only. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("sys", Set.of()),
            Map.entry("json", Set.of()),
            Map.entry("uring", Set.of("sys")),
            Map.entry("block", Set.of("uring", "sys")),
            Map.entry("queue", SEAM),
            Map.entry("frontend", with(SEAM, "queue")),
            Map.entry("backend", SEAM),
            Map.entry("pool", with(SEAM, "json", "backend")),
            Map.entry("control", with(SEAM, "json", "frontend", "pool")),
            Map.entry("observe", with(SEAM, "control", "pool")),
            Map.entry("service", with(SEAM, "observe", "control", "pool", "frontend")),
            Map.entry("doctor", with(SEAM, "pool", "frontend")),
            Map.entry("cli", with(SEAM, "json", "doctor", "service", "observe", "control", "frontend", "pool")));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.ublkcsi.engine");

    static Set<String> layers() {
        return MAY_USE.keySet();
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aLayerUsesOnlyWhatIsBelowIt(String layer) {
        String[] forbidden = MAY_USE.keySet().stream()
                .filter(other -> !other.equals(layer) && !MAY_USE.get(layer).contains(other))
                .map(other -> ENGINE + other + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ENGINE + layer + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void theTableHasOneDirection() {
        Set<String> placed = new HashSet<>();
        while (placed.size() < MAY_USE.size()) {
            boolean more = placed.addAll(MAY_USE.keySet().stream()
                    .filter(layer -> placed.containsAll(MAY_USE.get(layer)))
                    .toList());
            assertThat(more).as("layers in a circle: all but %s", placed).isTrue();
        }
    }

    @Test
    void everyPackageIsInALayer() {
        Set<String> packages = CLASSES.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith(ENGINE))
                .map(name -> name.substring(ENGINE.length()).split("\\.")[0])
                .collect(Collectors.toSet());
        assertThat(MAY_USE.keySet()).containsAll(packages);
    }

    @Test
    void siblingsDoNotKnowEachOther() {
        for (String layer : List.of("frontend", "backend")) {
            slices().matching(ENGINE + layer + ".(*)..")
                    .should()
                    .notDependOnEachOther()
                    .allowEmptyShould(true)
                    .check(CLASSES);
        }
    }

    @Test
    void nativeCallsAreInOnePackage() {
        onlyIn("jnr..", "sys");
    }

    @Test
    void grpcStaysAtTheEdge() {
        onlyIn("io.grpc..", "service", "cli");
        onlyIn("io.ublkcsi.proto..", "service", "cli");
    }

    @Test
    void theDataPathIsPlainJava() {
        noClasses()
                .that(resideInAnyPackage(ENGINE + "sys..", ENGINE + "uring..", ENGINE + "block.."))
                .should()
                .dependOnClassesThat(DescribedPredicate.not(
                        resideInAnyPackage("java..", "jnr..", "org.jspecify..", "io.ublkcsi.engine..")))
                .check(CLASSES);
    }

    private static void onlyIn(String library, String... layers) {
        String[] packages =
                List.of(layers).stream().map(layer -> ENGINE + layer + "..").toArray(String[]::new);
        noClasses()
                .that(DescribedPredicate.not(resideInAnyPackage(packages)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(CLASSES);
    }

    private static Set<String> with(Set<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).collect(Collectors.toUnmodifiableSet());
    }
}
