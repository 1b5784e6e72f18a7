package dev.tatara.operator.inferenceservice.rollout;

import java.util.Objects;

/** How requests may be divided. */
final class DivisionRules {
    /** Whether the candidate had its pods and traffic in this rollout. */
    private boolean wasReady;

    private String salt;
    private Routing before;

    void forget() {
        wasReady = false;
        salt = null;
        before = null;
    }

    void isReady() {
        wasReady = true;
    }

    /** Holds a division of the requests against what it rests on. */
    void check(Look look, Decision.Act act) {
        var routing = act.routing();
        var stable = look.facts().stable().revision();
        look.facts().rejections().stream()
                .filter(rejection -> !rejection.revision().equals(stable))
                .forEach(rejection ->
                        look.must(!routing.reaches(rejection.revision()), "nothing reaches what was rejected"));
        look.must(
                routing.shares().containsAll(look.facts().others())
                        && routing.shares().size()
                                == look.facts().others().size() + (look.before() == null ? 1 : shares(look, routing)),
                "those that are on their way out have nothing, and stay closed where they were given up");
        if (look.before() == null) {
            look.must(
                    routing.weightOf(stable) == Routing.ALL && routing.mirror() == null,
                    "at rest stable has everything");
            return;
        }
        var candidate = look.before().revision();
        if (act.isPromoted()) {
            look.must(routing.weightOf(candidate) == Routing.ALL, "who is promoted has everything");
            return;
        }
        look.must(
                routing.weightOf(candidate) == look.before().weight()
                        && routing.weightOf(stable)
                                == Routing.ALL - look.before().weight(),
                "requests are divided as was noted");
        look.must(!routing.reaches(candidate) || wasReady, "nothing reaches a candidate before its pods were ready");
        look.must(
                routing.mirror() == null
                        ? look.before().routedAt() == null || look.stage().shadowPercent() == 0
                        : look.before().routedAt() != null
                                && routing.mirror().percent() == look.stage().shadowPercent(),
                "copies are made as the stage has it, once its pods were ready");
        if (routing.shares().size() > look.facts().others().size() + 1) {
            look.must(routing.shares().getFirst().revision().equals(candidate), "keys stay where the weight rises");
            look.must(salt == null || salt.equals(routing.salt()), "a key is hashed the same throughout a rollout");
            salt = routing.salt();
            look.must(
                    Objects.equals(routing.stickyHeader(), look.stage().stickyHeader()),
                    "keys are read where the stage says");
            look.must(
                    look.before().routedAt() == null
                            || routing.matches().size()
                                    == look.stage().matches().size(),
                    "matches lead to the candidate");
        }
        if (before != null && look.facts().isPaused() && look.before().pause() != null) {
            look.must(
                    routing.weightOf(candidate) <= before.weightOf(candidate),
                    "a paused candidate gets no more than it had");
        }
        before = routing;
    }

    private static int shares(Look look, Routing routing) {
        return routing.shareOf(look.before().revision()).isPresent() ? 2 : 1;
    }
}
