package dev.tatara.operator;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Live and ready: every informer is connected, or waits for its turn to lead. */
@Liveness
@Readiness
@ApplicationScoped
class OperatorHealth implements HealthCheck {
    private final OperatorProcess process;

    OperatorHealth(OperatorProcess process) {
        this.process = process;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("informers")
                .status(process.isHealthy())
                .build();
    }
}
