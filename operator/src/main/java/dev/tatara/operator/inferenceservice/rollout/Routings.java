package dev.tatara.operator.inferenceservice.rollout;

import java.util.ArrayList;
import java.util.List;

/** How requests are divided before, in and at the end of a rollout. Pods that are still there for others get none. */
final class Routings {
    private Routings() {}

    /** Stable answers everything. */
    static Routing atRest(Facts facts) {
        return undivided(List.of(new Routing.Share(facts.stable().revision(), Routing.ALL, false)), facts);
    }

    /** The candidate answers everything, also what still comes to the pods of stable. */
    static Routing promoted(Progress progress, Facts facts) {
        return undivided(
                List.of(
                        new Routing.Share(progress.revision(), Routing.ALL, false),
                        new Routing.Share(facts.stable().revision(), 0, false)),
                facts);
    }

    /** As far as the rollout has come. */
    static Routing underWay(Progress progress, Stage stage, Facts facts) {
        // Before its first stage has moved, nobody sends anything to the candidate: no router need know it. An edit of
        // the stages may have put one that is under way back among them.
        var isKnown = progress.routedAt() != null || progress.stage() > 0 || progress.weight() > 0;
        if (!isKnown) {
            return atRest(facts);
        }
        var isRouted = progress.routedAt() != null;
        return new Routing(
                shares(
                        List.of(
                                new Routing.Share(progress.revision(), progress.weight(), false),
                                new Routing.Share(facts.stable().revision(), Routing.ALL - progress.weight(), false)),
                        facts),
                stage.matches().stream()
                        .map(match -> new Routing.Match(match.header(), match.value(), progress.revision()))
                        .toList(),
                stage.stickyHeader(),
                progress.salt(),
                isRouted && stage.shadowPercent() > 0
                        ? new Routing.Mirror(progress.revision(), stage.shadowPercent(), Judgement.tolerance(stage))
                        : null);
    }

    private static Routing undivided(List<Routing.Share> shares, Facts facts) {
        return new Routing(shares(shares, facts), List.of(), null, "", null);
    }

    private static List<Routing.Share> shares(List<Routing.Share> first, Facts facts) {
        var shares = new ArrayList<>(first);
        shares.addAll(facts.others());
        return shares;
    }
}
