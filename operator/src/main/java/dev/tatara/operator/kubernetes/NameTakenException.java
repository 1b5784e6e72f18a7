package dev.tatara.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** An object is needed under a name that somebody else's object has. */
public final class NameTakenException extends RuntimeException {
    public NameTakenException(HasMetadata desired) {
        super(desired.getKind() + " " + desired.getMetadata().getName() + " exists in namespace "
                + desired.getMetadata().getNamespace() + " and belongs to somebody else; delete or rename it, or choose"
                + " another name here");
    }
}
