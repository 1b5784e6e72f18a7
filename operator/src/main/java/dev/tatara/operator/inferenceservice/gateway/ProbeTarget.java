package dev.tatara.operator.inferenceservice.gateway;

import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Listener;
import java.util.List;
import java.util.Optional;

/**
 * Where a probe comes to a Gateway's data plane.
 *
 * @param address an address of the Gateway
 * @param host whom to ask for, by which listeners and routes are told apart
 */
record ProbeTarget(String address, int port, boolean tls, String host) {
    private static final String WILDCARD = "*.";
    /** Stands for the part of a name that a wildcard leaves open. */
    private static final String ANY = "tatara-probe.";

    /**
     * Where a Gateway takes requests of a route.
     *
     * @param section the listener that the route names; {@code null} for any
     * @param port the port that the route names; {@code null} for any
     * @param hostnames the route's
     * @return empty while the Gateway has no address, or no listener for the route
     */
    static Optional<ProbeTarget> of(Gateway gateway, String section, Integer port, List<String> hostnames) {
        if (gateway.getStatus() == null || gateway.getStatus().getAddresses().isEmpty()) {
            return Optional.empty();
        }
        var address = gateway.getStatus().getAddresses().getFirst().getValue();
        return gateway.getSpec().getListeners().stream()
                .filter(listener -> section == null || section.equals(listener.getName()))
                .filter(listener -> port == null || port.equals(listener.getPort()))
                .filter(listener -> listener.getProtocol().equals("HTTP")
                        || listener.getProtocol().equals("HTTPS"))
                .flatMap(listener -> host(listener, hostnames)
                        .map(host -> new ProbeTarget(
                                address,
                                listener.getPort(),
                                listener.getProtocol().equals("HTTPS"),
                                host.isEmpty() ? address : host))
                        .stream())
                .findFirst();
    }

    /** A name that listener and route both take; an empty one where both take every name. */
    private static Optional<String> host(Listener listener, List<String> hostnames) {
        var own = listener.getHostname() == null ? "" : listener.getHostname();
        if (hostnames.isEmpty()) {
            return Optional.of(named(own));
        }
        return hostnames.stream()
                .filter(hostname -> own.isEmpty() || covers(own, hostname) || covers(hostname, own))
                .map(hostname -> named(covers(hostname, own) ? own : hostname))
                .findFirst();
    }

    private static boolean covers(String pattern, String name) {
        return pattern.equals(name)
                || (pattern.startsWith(WILDCARD)
                        && name.endsWith(pattern.substring(1))
                        && name.length() >= pattern.length());
    }

    private static String named(String hostname) {
        return hostname.startsWith(WILDCARD) ? ANY + hostname.substring(WILDCARD.length()) : hostname;
    }

    /** As people read it. */
    String where() {
        return (tls ? "https://" : "http://") + address + ":" + port + " as " + host;
    }
}
