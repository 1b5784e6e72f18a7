package dev.tatara.operator.steps;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;

/** A container of a step's pod. It satisfies the restricted Pod Security Standard. */
public final class StepContainer {
    private final String name;
    private final String image;
    private final String pullPolicy;
    private final List<EnvVar> environment = new ArrayList<>();
    private final List<VolumeMount> mounts = new ArrayList<>();
    private List<String> command = List.of();
    private List<String> arguments = List.of();
    private ResourceRequirements resources;
    private boolean writesToRoot;

    public StepContainer(String name, String image, String pullPolicy) {
        this.name = name;
        this.image = image;
        this.pullPolicy = pullPolicy;
    }

    /** What runs in place of the image's entry point; empty: that. */
    public StepContainer command(List<String> all) {
        command = List.copyOf(all);
        return this;
    }

    public StepContainer arguments(List<String> all) {
        arguments = List.copyOf(all);
        return this;
    }

    public StepContainer resources(ResourceRequirements requirements) {
        resources = requirements;
        return this;
    }

    /** Sets a variable; {@code null} leaves it out. */
    public StepContainer variable(String name, String value) {
        if (value != null) {
            environment.add(new EnvVarBuilder().withName(name).withValue(value).build());
        }
        return this;
    }

    public StepContainer variables(List<EnvVar> all) {
        environment.addAll(all);
        return this;
    }

    /** Mounts one of the pod's volumes. */
    public StepContainer mount(String volume, String path, boolean readOnly) {
        mounts.add(new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build());
        return this;
    }

    /** Mounts one file of one of the pod's volumes, read-only. The file must be there when the container starts. */
    public StepContainer mountFile(String volume, String file, String path) {
        mounts.add(new VolumeMountBuilder()
                .withName(volume)
                .withSubPath(file)
                .withMountPath(path)
                .withReadOnly(true)
                .build());
        return this;
    }

    /** Lets the process write to its root file system, as images of others often must. */
    public StepContainer writesToRoot() {
        writesToRoot = true;
        return this;
    }

    Container container() {
        return new ContainerBuilder()
                .withName(name)
                .withImage(image)
                .withImagePullPolicy(pullPolicy)
                .withCommand(command)
                .withArgs(arguments)
                .withEnv(environment)
                // Where the process dies before it could say why, its last lines say it.
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withResources(resources)
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(writesToRoot ? null : true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withVolumeMounts(mounts)
                .build();
    }
}
