package dev.tatara.artifacts;

import dev.tatara.artifacts.ArtifactException.Kind;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Set;

/**
 * Keeps requests to addresses that users name away from where no such service is but a cloud's instance metadata. The
 * Java platform remembers a resolved name for a while, so the connection that follows goes to the address that was
 * looked at.
 *
 * @param allowLinkLocal whether everything is let through
 */
public record AddressGuard(boolean allowLinkLocal) {
    /** Metadata services outside the link-local ranges: AWS over IPv6, Alibaba Cloud, Azure's host agent. */
    private static final Set<String> METADATA_ADDRESSES =
            Set.of("fd00:ec2:0:0:0:0:0:254", "100.100.100.200", "168.63.129.16");

    /**
     * Looks at where an address with a host leads.
     *
     * @throws ArtifactException of kind {@link Kind#Unsupported} where nothing may be asked for
     */
    public void check(URI address) throws ArtifactException {
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
                            "%s is at %s, a link-local or metadata address, which no request is sent to"
                                    .formatted(address.getHost(), candidate.getHostAddress()));
                }
            }
        } catch (UnknownHostException e) {
            // A proxy may know the name. Without one the connection fails and says so.
            return;
        }
    }
}
