package dev.tatara.api.v1alpha1.inferenceservice;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * Who divides the traffic between revisions.
 *
 * @param provider Embedded: the serving pods themselves. GatewayAPI: HTTPRoutes and GRPCRoutes. Istio:
 *     VirtualServices and DestinationRules. Embedded where absent.
 * @param gatewayApi Gateways and host names, with provider GatewayAPI.
 * @param istio Gateways and hosts, with provider Istio.
 */
@ApiType
@ValidationRule(
        value = "!has(self.provider) || self.provider != 'GatewayAPI' || has(self.gatewayApi)",
        message = "provider GatewayAPI needs the block gatewayApi: add it with its parentRefs")
@ValidationRule(
        value = "!has(self.provider) || self.provider != 'Istio' || has(self.istio)",
        message = "provider Istio needs the block istio: add it with its hosts")
public record Traffic(Provider provider, GatewayApi gatewayApi, Istio istio) {

    /** Who divides the traffic. */
    @ApiEnum
    public enum Provider {
        Embedded,
        GatewayAPI,
        Istio
    }

    /**
     * Where routes of the Gateway API are attached.
     *
     * @param parentRefs Gateways that the routes attach to.
     * @param hostnames Host names that the routes match.
     */
    @ApiType
    public record GatewayApi(
            @Required @Size(min = 1, max = 16) List<ParentReference> parentRefs,
            @Size(max = 16) List<@Size(min = 1, max = 253) @Pattern(Grammar.HOST) String> hostnames) {
        public GatewayApi {
            parentRefs = Absent.orCopy(parentRefs);
            hostnames = Absent.orCopy(hostnames);
        }
    }

    /**
     * A Gateway, or a listener of one.
     *
     * @param group API group of the parent. gateway.networking.k8s.io where absent.
     * @param kind Kind of the parent. Gateway where absent.
     * @param namespace Namespace of the parent; the service's own where absent.
     * @param name Name of the parent.
     * @param sectionName Listener of the Gateway, where only one is meant.
     * @param port Port of the parent, where only one is meant.
     */
    @ApiType
    public record ParentReference(
            @Size(max = 253) String group,
            @Size(min = 1, max = 63) String kind,

            @Size(min = 1, max = Grammar.LABEL_LENGTH) @Pattern(Grammar.LABEL)
            String namespace,

            @Required @Size(min = 1, max = Grammar.OBJECT_NAME_LENGTH) @Pattern(Grammar.OBJECT_NAME)
            String name,

            @Size(min = 1, max = 253) String sectionName,
            @Min(1) @Max(65_535) Integer port) {}

    /**
     * Where Istio's VirtualService is attached.
     *
     * @param gateways Gateways that the VirtualService applies to, as namespace/name; mesh for traffic inside the
     *     mesh.
     * @param hosts Hosts that the VirtualService matches.
     */
    @ApiType
    public record Istio(
            @Size(max = 16) List<@Size(min = 1, max = 317) String> gateways,
            @Required @Size(min = 1, max = 16) List<@Size(min = 1, max = 253) @Pattern(Grammar.HOST) String> hosts) {
        public Istio {
            gateways = Absent.orCopy(gateways);
            hosts = Absent.orCopy(hosts);
        }
    }
}
