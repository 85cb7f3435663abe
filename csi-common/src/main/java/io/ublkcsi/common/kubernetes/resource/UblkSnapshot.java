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
import io.ublkcsi.common.store.SnapshotSpec;
import io.ublkcsi.common.store.SnapshotStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A snapshot. Its name is the snapshot's id. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@ShortNames("ubs")
@AdditionalPrinterColumn(name = "NODE", jsonPath = ".spec.node", type = Type.STRING)
@AdditionalPrinterColumn(name = "POOL", jsonPath = ".spec.pool", type = Type.STRING)
@AdditionalPrinterColumn(name = "VOLUME", jsonPath = ".spec.sourceVolumeId", type = Type.STRING)
@AdditionalPrinterColumn(name = "SIZE", jsonPath = ".status.size", type = Type.STRING)
@AdditionalPrinterColumn(name = "STATE", jsonPath = ".status.state", type = Type.STRING)
@AdditionalPrinterColumn(name = "AGE", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(name = "REASON", jsonPath = ".status.reason", type = Type.STRING, priority = 1)
public final class UblkSnapshot extends CustomResource<UblkSnapshot.Wish, UblkSnapshot.State> {
    private static final long serialVersionUID = 1L;

    /** The resource's {@code spec}: a {@link SnapshotSpec}. */
    @ValidationRule(
            value = "self.node == oldSelf.node && self.pool == oldSelf.pool"
                    + " && self.sourceVolumeId == oldSelf.sourceVolumeId && self.name == oldSelf.name",
            message = "of a snapshot only 'deleting' changes")
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
            @JsonPropertyDescription("The orchestrator's name for the snapshot, from which the id follows.")
            String name,

            @Required
            @Size(min = 1, max = 253)
            @SelectableField
            @JsonPropertyDescription("The node on which its bytes are.")
            String node,

            @Required @JsonPropertyDescription("The node removes the bytes, and then this record.")
            boolean deleting,

            @Required @Size(min = 1, max = 253) String sourceVolumeId,

            @Required @Size(min = 1, max = 253) @JsonPropertyDescription("Of its source volume, in which it lives too.")
            String pool,

            @Required @JsonPropertyDescription("Milliseconds since the epoch.")
            long createdMs) {}

    /** The resource's {@code status}: a {@link SnapshotStatus}, and the same for people. */
    public record State(
            @Required @Min(1) int formatVersion,

            @Required @JsonPropertyDescription("The revision of the wish that this is about.")
            int revision,

            @JsonPropertyDescription("Pending, Waiting, Ready, Degraded, Failed or Deleting.")
            String state,

            @JsonPropertyDescription("The size for people.") String size,

            @Required @JsonPropertyDescription("The point in time is fixed.")
            boolean taken,

            @Required @JsonPropertyDescription("A volume can be made from it.")
            boolean ready,

            @Required @JsonPropertyDescription("Of the volume at that time.")
            long sizeBytes,

            @Required @JsonPropertyDescription("When; milliseconds since the epoch.")
            long takenMs,

            @Required int progressPercent,

            @JsonPropertyDescription("Why the wish of this revision was not fulfilled.")
            CsiFault.@Nullable Kind failure,

            @JsonPropertyDescription("What to know about it, and what to do.")
            String reason,

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
