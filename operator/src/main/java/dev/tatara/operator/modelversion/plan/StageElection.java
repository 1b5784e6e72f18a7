package dev.tatara.operator.modelversion.plan;

import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.Stage;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Turns the claims of a model's versions into stages: of the eligible versions that claim Production the highest gets
 * it, and the others are Archived. Each version's stage depends on the claims alone, not on the stages they had before,
 * so that whoever decides first, all come to the same end.
 */
public final class StageElection {
    private static final Comparator<Candidate> HIGHEST =
            Comparator.comparing(Candidate::version, VersionOrder.INSTANCE).thenComparing(Candidate::name);

    /**
     * What the election needs to know of a version.
     *
     * @param obstacle why the version may not be used yet or any more, {@code null} if nothing is against it
     */
    public record Candidate(String name, String version, Stage claim, String obstacle) {
        public Candidate {
            claim = claim == null ? Stage.None : claim;
        }

        public boolean isEligible() {
            return obstacle == null;
        }

        /** A version as its own specification and status show it. */
        public static Candidate of(ModelVersion version) {
            var spec = version.getSpec();
            var status = Observed.statusOf(version);
            var verified = VerificationPlanner.isVerified(status);
            return of(
                    version,
                    verified,
                    Gates.judge(spec, status.measurements(), verified),
                    Approvals.judge(version),
                    status.quarantine() != null && status.quarantine().holds());
        }

        static Candidate of(
                ModelVersion version, boolean verified, Judgement gates, Judgement approval, boolean quarantined) {
            String obstacle = null;
            if (version.getMetadata().getDeletionTimestamp() != null) {
                obstacle = "it is being deleted";
            } else if (quarantined) {
                obstacle = "it is quarantined";
            } else if (!verified) {
                obstacle = "it isn't verified";
            } else if (!gates.holds()) {
                obstacle = "its gates aren't passed";
            } else if (!approval.holds()) {
                obstacle = "it isn't approved";
            }
            var spec = version.getSpec();
            return new Candidate(version.getMetadata().getName(), spec.version(), spec.stage(), obstacle);
        }

        private boolean claimsProduction() {
            return claim == Stage.Production && isEligible();
        }
    }

    /** The stage of a version, and why. */
    public record Verdict(Stage stage, String reason) {}

    private StageElection() {}

    /**
     * The stage that {@code self} gets.
     *
     * @param others the other versions of the same model in the same namespace
     */
    public static Verdict elect(Candidate self, Collection<Candidate> others) {
        return switch (self.claim()) {
            case None -> new Verdict(Stage.None, "it claims no stage");
            case Archived -> new Verdict(Stage.Archived, "it claims Archived");
            case Staging ->
                self.isEligible()
                        ? new Verdict(Stage.Staging, "it claims Staging")
                        : new Verdict(Stage.None, "it claims Staging, but " + self.obstacle());
            case Production -> production(self, others);
        };
    }

    private static Verdict production(Candidate self, Collection<Candidate> others) {
        if (!self.isEligible()) {
            return new Verdict(Stage.None, "it claims Production, but " + self.obstacle());
        }
        var winner = winner(self, others).orElseThrow();
        return winner.equals(self)
                ? new Verdict(Stage.Production, "it is the highest version that claims Production and may have it")
                : new Verdict(
                        Stage.Archived,
                        winner.name() + " (version " + winner.version() + ") claims Production and is higher");
    }

    private static Optional<Candidate> winner(Candidate self, Collection<Candidate> others) {
        return Stream.concat(Stream.of(self), others.stream())
                .filter(Candidate::claimsProduction)
                .max(HIGHEST);
    }
}
