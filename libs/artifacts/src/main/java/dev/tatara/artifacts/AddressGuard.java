package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Set;

/**
 * Keeps downloads away from addresses where no artifact lies but a cloud's instance metadata does. The Java platform
 * remembers a resolved name for a while, so the connection that follows goes to the address that was looked at.
 */
record AddressGuard(boolean allowLinkLocal) {
    /** Metadata services outside the link-local ranges: AWS over IPv6, Alibaba Cloud, Azure's host agent. */
    private static final Set<String> METADATA_ADDRESSES =
            Set.of("fd00:ec2:0:0:0:0:0:254", "100.100.100.200", "168.63.129.16");

    void check(URI address) throws ArtifactException {
        if (allowLinkLocal) {
            return;
        }
        try {
            for (var candidate : InetAddress.getAllByName(address.getHost())) {
                if (candidate.isLinkLocalAddress()
                        || candidate.isAnyLocalAddress()
                        || candidate.isMulticastAddress()
                        || METADATA_ADDRESSES.contains(candidate.getHostAddress())) {
                    throw new ArtifactException(
                            Kind.Unsupported,
                            "%s is at %s, a link-local or metadata address, which no artifact is fetched from"
                                    .formatted(address.getHost(), candidate.getHostAddress()));
                }
            }
        } catch (UnknownHostException e) {
            // A proxy may know the name. Without one the connection fails and says so.
            return;
        }
    }
}
