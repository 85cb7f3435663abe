package io.ublkcsi.common.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.kubernetes.resource.Api;
import io.ublkcsi.common.store.Spec;
import io.ublkcsi.common.store.Status;
import java.util.Map;
import java.util.Optional;

/**
 * How a record is written down as a custom resource, and read back.
 *
 * @param <S> the wish, the resource's {@code spec}
 * @param <T> what is, the resource's {@code status}
 */
abstract class Form<S extends Spec<S>, T extends Status> {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** Such as {@code UblkVolume}. */
    abstract String kind();

    abstract S readSpec(GenericKubernetesResource resource);

    abstract T readStatus(GenericKubernetesResource resource);

    abstract void writeSpec(GenericKubernetesResource resource, S spec);

    /** Writes the status, and what people read beside it. */
    abstract void writeStatus(GenericKubernetesResource resource, S spec, T status);

    /**
     * One half of a resource.
     *
     * @param half {@code spec} or {@code status}
     * @throws CsiFault.Precondition when a newer version wrote it
     */
    static <V> Optional<V> read(GenericKubernetesResource resource, String half, Class<V> type) {
        Object tree = resource.getAdditionalProperties().get(half);
        if (!(tree instanceof Map<?, ?> map) || map.isEmpty()) {
            return Optional.empty();
        }
        String name = resource.getKind() + " " + resource.getMetadata().getName();
        int version = map.get("formatVersion") instanceof Number number ? number.intValue() : 0;
        if (version < 1 || version > Api.FORMAT_VERSION) {
            throw new CsiFault.Precondition(
                    "the " + half + " of " + name + " has formatVersion " + version + ", and this version reads up to "
                            + Api.FORMAT_VERSION + "; a newer version wrote it: upgrade this one, too");
        }
        try {
            return Optional.of(MAPPER.convertValue(map, type));
        } catch (IllegalArgumentException damaged) {
            throw new CsiFault.Internal(
                    "the " + half + " of " + name + " can't be read: " + damaged.getMessage(), damaged);
        }
    }

    /** The half that must be there. */
    static <V> V require(GenericKubernetesResource resource, Class<V> type) {
        return read(resource, "spec", type)
                .orElseThrow(() -> new CsiFault.Internal(resource.getKind() + " "
                        + resource.getMetadata().getName() + " has no spec; it is none of this driver's: delete it"));
    }

    static void write(GenericKubernetesResource resource, String half, Object value) {
        try {
            // Through text: the tree then has the same number types as one that was read.
            Object tree = MAPPER.readValue(MAPPER.writeValueAsString(value), Map.class);
            resource.setAdditionalProperty(half, tree);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a record can't be written as JSON: " + value, impossible);
        }
    }
}
