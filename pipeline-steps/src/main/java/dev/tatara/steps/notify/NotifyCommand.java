package dev.tatara.steps.notify;

import dev.tatara.api.v1alpha1.driftpolicy.Receiver;
import dev.tatara.contracts.Notified;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepEnding;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.options.TerminationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line that sends one message. It needs no artifact store: what it tells of may be that the store is away. */
@Command(
        name = NotifyCommand.NAME,
        description = {
            "Sends a message to a Slack channel or another web service, again for a while where it is away. It may"
                    + " arrive twice: the id tells.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The receiver has it.",
            "2:Rejected: the receiver refuses it, or its URL can't be used.",
            "3:Failed: the receiver is away; a later run may succeed.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps notify --receiver-type Webhook --url-file url --message-file message.json --id test-1"
        })
public final class NotifyCommand implements Callable<Integer> {
    static final String NAME = "notify";

    @Option(
            names = "--receiver-type",
            required = true,
            paramLabel = "TYPE",
            description = "Slack, or Webhook: takes the message's own JSON.")
    private Receiver.Type type;

    @Option(
            names = "--url-file",
            required = true,
            paramLabel = "FILE",
            description = "Key of a mounted Secret with the receiver's URL, which is never shown.")
    private Path url;

    @Option(
            names = "--message-file",
            required = true,
            paramLabel = "FILE",
            description = "The message: JSON with a title and, each if it is there, text, severity, namespace, policy,"
                    + " service, action, reason, at, links [{title, url}] and facts {name: value}.")
    private Path message;

    @Option(
            names = "--id",
            required = true,
            paramLabel = "ID",
            description = "What happened, in a word of up to 128 visible ASCII characters. The same message sent again"
                    + " has the same.")
    private String id;

    @Option(
            names = "--deadline",
            paramLabel = "DURATION",
            defaultValue = "5m",
            description = "How long to try. Default: ${DEFAULT-VALUE}.")
    private Duration deadline;

    @Mixin
    private TerminationOptions termination;

    @Override
    public Integer call() throws IOException {
        var progress = new Progress(System.out);
        var ending = new StepEnding<Notified>(NAME, any -> Optional.empty(), termination.file(), progress);
        ending.watchForStop(() -> {});
        return ending.end(ending.attempt(() -> send(progress)));
    }

    private StepResult<Notified> send(Progress progress) throws StepFailure {
        if (!id.matches("[!-~]{1,128}")) {
            throw StepFailure.rejected(
                    Reasons.INVALID_MESSAGE, "--id: expected 1 to 128 visible ASCII characters, found others");
        }
        var receiver = Target.of(url);
        var body = Message.read(message).bodyFor(type, id);
        var notified = new Sender(deadline, Sender.FIRST_PAUSE, progress).send(receiver, body, id);
        return StepResult.succeeded(NAME, receiver + " has the message " + id, notified);
    }
}
