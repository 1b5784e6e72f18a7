package dev.tatara.operator.inferenceservice.rollout;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Handled;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Outcome.End;
import java.util.List;
import java.util.Objects;

/** What people's orders may lead to, and that none is left without an answer. */
final class OrderRules {
    private OrderRules() {}

    /** A note that answers an order, or none. */
    static void noted(Look look, Decision.Note note) {
        var old = look.facts().handled();
        var now = note.handled();
        if (now.equals(old)) {
            look.must(note.lifted() == null && note.refused().isEmpty(), "nobody asked for that");
            return;
        }
        var asked = look.facts().commands();
        var order = new Answers(now, old, asked);
        look.must(order.changes() == 1, "one order is answered at a time");
        look.must(order.isAsAsked(), "what is handled is what was asked for");
        var value = order.value();
        if (value == null) {
            look.must(
                    Objects.equals(note.progress(), look.before()) && note.rejected() == null && note.lifted() == null,
                    "an annotation that goes changes nothing");
            return;
        }
        var slash = value.indexOf('/');
        var revision = slash < 0 ? value : value.substring(0, slash);
        var isCandidate = look.before() != null && look.before().revision().equals(revision);
        var isDone = note.refused().isEmpty();
        switch (order.name()) {
            case "abort" -> look.must(isDone == isCandidate, "a candidate can be aborted, and nothing else");
            case "rollback" ->
                look.must(
                        isDone
                                == (isCandidate
                                        || (revision.equals(
                                                        look.facts().stable().revision())
                                                && look.facts().canGoBack())),
                        "what serves and has somebody before it can be rolled back, and a candidate");
            case "retry" ->
                look.must(
                        isDone == (look.isRejected(revision) || (isCandidate && look.isPausedByItself())),
                        "what was rejected or has paused can be tried again");
            default ->
                look.must(
                        isDone == (isCandidate && isToCome(look, slash < 0 ? null : value.substring(slash + 1))),
                        "a candidate can be promoted, by a stage that isn't over");
        }
        if (!isDone) {
            look.must(
                    Objects.equals(note.progress(), look.before()) && note.rejected() == null && note.lifted() == null,
                    "what is refused changes nothing");
            return;
        }
        switch (order.name()) {
            case "abort" -> look.must(isGivenUp(note, revision, End.Aborted), "an abort rejects the candidate");
            case "rollback" ->
                look.must(
                        isCandidate
                                ? isGivenUp(note, revision, End.RolledBack)
                                : note.rejected().revision().equals(revision)
                                        && Objects.equals(note.progress(), look.before()),
                        "a rollback rejects");
            case "retry" ->
                look.must(
                        look.isRejected(revision)
                                ? revision.equals(note.lifted()) && Objects.equals(note.progress(), look.before())
                                : note.progress().pause() == null
                                        && note.progress().heldSince() == null,
                        "a retry lifts a rejection, or begins the stage once more");
            default -> promotes(look, note.progress(), value.endsWith("/full"));
        }
    }

    private static boolean isGivenUp(Decision.Note note, String revision, End end) {
        return note.progress() == null
                && note.rejected() != null
                && note.rejected().revision().equals(revision)
                && note.ended().outcome() == end;
    }

    private static boolean isToCome(Look look, String step) {
        return step == null
                || step.equals("full")
                || look.facts().stages().stream().skip(look.before().stage()).anyMatch(stage -> stage.name()
                        .equals(step));
    }

    private static void promotes(Look look, Progress after, boolean isFull) {
        look.must(after.weight() == look.before().weight(), "a promotion moves no traffic by itself");
        var isLast = look.before().stage() == look.facts().stages().size() - 1;
        if (isFull || isLast) {
            look.must(
                    after.isReleased() && after.stage() == look.before().stage(),
                    "who is released goes on from where it is");
            look.must(
                    after.pause()
                            == (look.isPausedByItself() ? null : look.before().pause()),
                    "a person's word ends its own pauses");
        } else {
            look.must(
                    look.before().heldSince() != null && !look.facts().isPaused(),
                    "a person goes on from a stage that holds");
            look.must(
                    after.stage() == look.before().stage() + 1 && after.pause() == null,
                    "a promotion goes on by one stage");
            look.must(
                    after.isReleased() == look.before().isReleased(),
                    "who lets one stage pass says nothing of those that follow");
            look.must(after.routedAt() == null, "the next stage begins with its pods");
        }
    }

    /** The four annotations, as they were answered before and after. */
    private record Answers(Handled now, Handled old, Facts.Commands asked) {
        private List<String[]> all() {
            return List.of(
                    new String[] {"promote", now.promote(), old.promote(), asked.promote()},
                    new String[] {"abort", now.abort(), old.abort(), asked.abort()},
                    new String[] {"retry", now.retry(), old.retry(), asked.retry()},
                    new String[] {"rollback", now.rollback(), old.rollback(), asked.rollback()});
        }

        long changes() {
            return all().stream()
                    .filter(each -> !Objects.equals(each[1], each[2]))
                    .count();
        }

        private String[] one() {
            return all().stream()
                    .filter(each -> !Objects.equals(each[1], each[2]))
                    .findFirst()
                    .orElseThrow();
        }

        boolean isAsAsked() {
            return Objects.equals(one()[1], one()[3]);
        }

        String name() {
            return one()[0];
        }

        String value() {
            return one()[1];
        }
    }

    /** Every annotation was answered, but for promotions that have to wait. */
    static void answered(Look look) {
        var commands = look.facts().commands();
        var handled = look.facts().handled();
        look.must(
                Objects.equals(commands.abort(), handled.abort())
                        && Objects.equals(commands.rollback(), handled.rollback())
                        && Objects.equals(commands.retry(), handled.retry()),
                "orders are answered at once");
        if (!Objects.equals(commands.promote(), handled.promote())) {
            look.must(commands.promote() != null && look.before() != null, "a promotion of nothing is refused");
            var slash = commands.promote().indexOf('/');
            var step = slash < 0 ? null : commands.promote().substring(slash + 1);
            look.must(
                    isPromotionOf(look, look.before().revision()) && isToCome(look, step) && !"full".equals(step),
                    "a promotion that can't come about is refused");
            look.must(
                    look.before().heldSince() == null
                            || look.facts().isPaused()
                            || (step != null && !step.equals(look.before().stageName())),
                    "a promotion that can be carried out is");
        }
    }

    private static boolean isPromotionOf(Look look, String revision) {
        var value = look.facts().commands().promote();
        return value.equals(revision) || value.startsWith(revision + "/");
    }
}
