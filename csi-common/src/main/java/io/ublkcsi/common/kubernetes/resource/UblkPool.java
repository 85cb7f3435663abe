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
import io.ublkcsi.common.store.PoolReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One pool of one node, as the node sees it. Belongs to the Node, and goes with it. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@ShortNames("ubp")
@AdditionalPrinterColumn(name = "NODE", jsonPath = ".spec.node", type = Type.STRING)
@AdditionalPrinterColumn(name = "POOL", jsonPath = ".spec.pool", type = Type.STRING)
@AdditionalPrinterColumn(name = "KIND", jsonPath = ".status.kind", type = Type.STRING)
@AdditionalPrinterColumn(name = "SIZE", jsonPath = ".status.size", type = Type.STRING)
@AdditionalPrinterColumn(name = "AVAILABLE", jsonPath = ".status.available", type = Type.STRING)
@AdditionalPrinterColumn(name = "STATE", jsonPath = ".status.state", type = Type.STRING)
@AdditionalPrinterColumn(name = "AGE", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(name = "PROBLEM", jsonPath = ".status.problem", type = Type.STRING, priority = 1)
public final class UblkPool extends CustomResource<UblkPool.Place, UblkPool.State> {
    private static final long serialVersionUID = 1L;

    /** The resource's {@code spec}: which pool it is. */
    @ValidationRule(
            value = "self.node == oldSelf.node && self.pool == oldSelf.pool",
            message = "another pool is another resource")
    public record Place(
            @Required @Min(1) int formatVersion,

            @Required @Size(min = 1, max = 253) @SelectableField
            String node,

            @Required @Size(min = 1, max = 63) String pool) {}

    /** The resource's {@code status}: a {@link PoolReport}, and the same for people. */
    public record State(
            @Required @Min(1) int formatVersion,

            @JsonPropertyDescription("Usable or Unusable.") String state,

            @JsonPropertyDescription("The size for people.") String size,

            @JsonPropertyDescription("What new volumes could take, for people.")
            String available,

            @Required String kind,
            @Required long totalBytes,

            @Required @JsonPropertyDescription("What new volumes could still take.")
            long availableBytes,

            @Required @JsonPropertyDescription("Largest volume that could be made.")
            long maximumVolumeBytes,

            @Required boolean reflink,
            @Required int logicalBlockBytes,

            @JsonPropertyDescription("Why it can't be used; empty when it can.")
            String problem,

            List<Condition> conditions) {}

    @Override
    protected @Nullable Place initSpec() {
        return null;
    }

    @Override
    protected @Nullable State initStatus() {
        return null;
    }
}
