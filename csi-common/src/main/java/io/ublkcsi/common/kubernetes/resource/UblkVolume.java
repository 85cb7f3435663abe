package io.ublkcsi.common.kubernetes.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import io.ublkcsi.common.fault.CsiFault;
import io.ublkcsi.common.parameters.VolumeParameters;
import io.ublkcsi.common.store.Source;
import io.ublkcsi.common.store.VolumeSpec;
import io.ublkcsi.common.store.VolumeStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A volume. Its name is the volume's id. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@ShortNames("ubv")
@AdditionalPrinterColumn(name = "NODE", jsonPath = ".spec.node", type = Type.STRING)
@AdditionalPrinterColumn(name = "POOL", jsonPath = ".spec.parameters.pool", type = Type.STRING)
@AdditionalPrinterColumn(name = "SIZE", jsonPath = ".status.size", type = Type.STRING)
@AdditionalPrinterColumn(name = "STATE", jsonPath = ".status.state", type = Type.STRING)
@AdditionalPrinterColumn(name = "IN USE", jsonPath = ".status.inUse", type = Type.BOOLEAN)
@AdditionalPrinterColumn(name = "NAMESPACE", jsonPath = ".spec.claim.namespace", type = Type.STRING)
@AdditionalPrinterColumn(name = "CLAIM", jsonPath = ".spec.claim.name", type = Type.STRING)
@AdditionalPrinterColumn(name = "AGE", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(name = "PODS", jsonPath = ".status.pods[*].name", type = Type.STRING, priority = 1)
@AdditionalPrinterColumn(name = "REASON", jsonPath = ".status.reason", type = Type.STRING, priority = 1)
@ValidationRule(
        value = "self.spec.sizeBytes >= oldSelf.spec.sizeBytes"
                + " || (has(self.status) && self.spec.sizeBytes >= self.status.sizeBytes)",
        message = "a volume never shrinks")
public final class UblkVolume extends CustomResource<UblkVolume.Wish, UblkVolume.State> {
    private static final long serialVersionUID = 1L;

    /** The resource's {@code spec}: a {@link VolumeSpec}. */
    @ValidationRule(value = "self.node == oldSelf.node", message = "a volume stays on its node")
    @ValidationRule(value = "self.parameters.pool == oldSelf.parameters.pool", message = "a volume stays in its pool")
    @ValidationRule(value = "self.name == oldSelf.name", message = "the name is for good")
    @ValidationRule(value = "self.deleting || !oldSelf.deleting", message = "a deletion is not taken back")
    @ValidationRule(value = "self.revision >= oldSelf.revision", message = "revisions grow")
    public record Wish(
            @Required
            @Min(1)
            @JsonPropertyDescription("Of this record; a version of the driver that knows only older ones refuses it.")
            int formatVersion,

            @Required @Min(1) @JsonPropertyDescription("Grows by one with each change of the wish.")
            int revision,

            @Required
            @Size(min = 1, max = 128)
            @JsonPropertyDescription("The orchestrator's name for the volume, from which the id follows.")
            String name,

            @Required
            @Size(min = 1, max = 253)
            @SelectableField
            @JsonPropertyDescription("The node on which its bytes are.")
            String node,

            @Required @JsonPropertyDescription("The node removes the bytes, and then this record.")
            boolean deleting,

            @Required @Min(1) long sizeBytes,

            @JsonPropertyDescription("What it starts as a copy of.") @Nullable
            Source source,

            @Required @JsonPropertyDescription("What the StorageClass asks for.")
            VolumeParameters parameters,

            @Required @JsonPropertyDescription("How it may be used.")
            List<String> uses,

            @Required @JsonPropertyDescription("Milliseconds since the epoch.")
            long createdMs,

            @JsonPropertyDescription("The PersistentVolumeClaim that it was made for.")
            VolumeSpec.@Nullable Claim claim,

            @JsonPropertyDescription("A PersistentVolume was seen that names it.")
            boolean owned) {}

    /** The resource's {@code status}: a {@link VolumeStatus}, and the same for people. */
    public record State(
            @Required @Min(1) int formatVersion,

            @Required @JsonPropertyDescription("The revision of the wish that this is about.")
            int revision,

            @JsonPropertyDescription("Pending, Waiting, Ready, Degraded, Failed or Deleting.")
            String state,

            @JsonPropertyDescription("The size for people.") String size,

            @Required @JsonPropertyDescription("Its bytes exist.")
            boolean ready,

            @Required long sizeBytes,
            @Required int progressPercent,

            @JsonPropertyDescription("Why the wish of this revision was not fulfilled.")
            CsiFault.@Nullable Kind failure,

            @JsonPropertyDescription("What to know about it, and what to do.")
            String reason,

            @Required @JsonPropertyDescription("A device shows it on its node.")
            boolean attached,

            @Required @JsonPropertyDescription("Something mounts or holds that device.")
            boolean inUse,

            @Required @JsonPropertyDescription("An mkfs was begun, and did not end yet.")
            boolean formatting,

            @Required @JsonPropertyDescription("The device size that the file system was last made or grown to.")
            long filesystemBytes,

            @JsonPropertyDescription("Pods that have it published.")
            List<VolumeStatus.Pod> pods,

            @JsonPropertyDescription("Its device, which kernel interface shows it, and why that one.")
            String shownBy,

            List<Condition> conditions) {}

    @Override
    protected @Nullable Wish initSpec() {
        return null;
    }

    @Override
    protected @Nullable State initStatus() {
        return null;
    }
}
