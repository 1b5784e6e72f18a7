package dev.tatara.steps;

import dev.tatara.steps.drift.DriftCommand;
import dev.tatara.steps.evaluate.EvaluateCommand;
import dev.tatara.steps.experiment.ExperimentCommand;
import dev.tatara.steps.inspect.InspectModelCommand;
import dev.tatara.steps.join.JoinCommand;
import dev.tatara.steps.materialize.MaterializeCommand;
import dev.tatara.steps.notify.NotifyCommand;
import dev.tatara.steps.options.ByteSize;
import dev.tatara.steps.options.GoDuration;
import dev.tatara.steps.tracking.TrackCommand;
import dev.tatara.steps.training.FetchCommand;
import dev.tatara.steps.training.PublishCommand;
import dev.tatara.steps.training.ValidateCommand;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line {@code tatara-steps}. A new step is a class with {@link Command} and an entry in the list below. */
@Command(
        name = "tatara-steps",
        description = "The steps of a model's life. Kubernetes is where they are scheduled, not what they need:"
                + " each runs on a laptop with files as well.",
        subcommands = {
            InspectModelCommand.class,
            MaterializeCommand.class,
            ValidateCommand.class,
            JoinCommand.class,
            FetchCommand.class,
            PublishCommand.class,
            EvaluateCommand.class,
            TrackCommand.class,
            NotifyCommand.class,
            DriftCommand.class,
            ExperimentCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = TataraSteps.Version.class,
        synopsisSubcommandLabel = "STEP",
        footer = {"", "See what a step takes with: tatara-steps STEP --help"})
public final class TataraSteps implements Runnable {
    /** Exit code for a command line that can't be understood, apart from those of a step's outcome. */
    public static final int EXIT_USAGE = 64;

    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        var commandLine = new CommandLine(new TataraSteps())
                .registerConverter(Duration.class, GoDuration::parse)
                .registerConverter(ByteSize.class, ByteSize::parse)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100)
                .setCaseInsensitiveEnumValuesAllowed(true);
        exitOnUsage(commandLine);
        return commandLine;
    }

    private static void exitOnUsage(CommandLine commandLine) {
        commandLine.getCommandSpec().exitCodeOnInvalidInput(EXIT_USAGE);
        commandLine.getCommandSpec().exitCodeOnExecutionException(StepRunner.EXIT_FAILED);
        commandLine.getSubcommands().values().forEach(TataraSteps::exitOnUsage);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing: the step to run");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            var version = TataraSteps.class.getPackage().getImplementationVersion();
            return new String[] {"tatara-steps " + (version == null ? "(not packaged)" : version)};
        }
    }
}
