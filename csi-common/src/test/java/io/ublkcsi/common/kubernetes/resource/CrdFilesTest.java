package io.ublkcsi.common.kubernetes.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The CRDs in the chart are what the generator makes of the classes. {@code -Dcrds.write=true} writes them anew.
 */
final class CrdFilesTest {
    private static final Path CHART = Path.of("").toAbsolutePath().resolveSibling("charts/ublk-csi/crds");

    private static final List<Class<? extends HasMetadata>> KINDS =
            List.of(UblkVolume.class, UblkSnapshot.class, UblkPool.class);

    @TempDir
    Path generated;

    @Test
    void theChartHasWhatTheGeneratorMakes() throws IOException {
        new CRDGenerator()
                .forCRDVersions("v1")
                .withMinQuotes(true)
                .withPostProcessor(new Completion())
                .inOutputDir(generated.toFile())
                .customResourceClasses(KINDS)
                .generate();
        List<Path> made = files(generated);
        assertThat(made).hasSize(3);
        for (Path file : made) {
            String content = Files.readString(file);
            Path committed =
                    CHART.resolve(file.getFileName().toString().replace(".ublk-csi.io-v1.yml", ".ublk-csi.io.yaml"));
            if (Boolean.getBoolean("crds.write")) {
                Files.createDirectories(CHART);
                Files.writeString(committed, content);
            }
            assertThat(committed)
                    .as("docs/kubernetes.md says how to write it anew")
                    .exists();
            assertThat(Files.readString(committed)).as(committed.toString()).isEqualTo(content);
        }
    }

    /** What annotations can't say: the columns' order, that there is a spec, and what makes a condition another one. */
    private static final class Completion implements CRDPostProcessor {
        @Override
        public HasMetadata process(HasMetadata resource, String version) {
            return complete(resource);
        }
    }

    private static HasMetadata complete(HasMetadata resource) {
        CustomResourceDefinition definition = (CustomResourceDefinition) resource;
        CustomResourceDefinitionVersion v1alpha1 =
                definition.getSpec().getVersions().getFirst();
        List<String> order = KINDS.stream()
                .filter(type -> definition.getSpec().getNames().getKind().equals(type.getSimpleName()))
                .flatMap(type -> Stream.of(type.getAnnotationsByType(AdditionalPrinterColumn.class)))
                .map(AdditionalPrinterColumn::name)
                .toList();
        v1alpha1.setAdditionalPrinterColumns(v1alpha1.getAdditionalPrinterColumns().stream()
                .sorted(Comparator.comparingInt(column -> order.indexOf(column.getName())))
                .toList());
        JSONSchemaProps schema = v1alpha1.getSchema().getOpenAPIV3Schema();
        schema.setRequired(List.of("spec"));
        JSONSchemaProps conditions =
                schema.getProperties().get("status").getProperties().get("conditions");
        conditions.setXKubernetesListType("map");
        conditions.setXKubernetesListMapKeys(List.of("type"));
        conditions.getItems().getSchema().setRequired(List.of("status", "type"));
        return definition;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
