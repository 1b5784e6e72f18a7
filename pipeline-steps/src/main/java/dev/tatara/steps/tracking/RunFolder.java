package dev.tatara.steps.tracking;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.steps.StepFailure;
import java.util.regex.Pattern;

/** A run's folder in the artifact store, and the name that it has in MLflow. */
final class RunFolder {
    private static final Pattern OF_OPERATOR = Pattern.compile("(?:^|.*/)runs/([^/]+/[^/]+/[^/]+)");
    private static final int LONGEST = 1000;

    private RunFolder() {}

    /** Where the run's results lie: a key below the store, or an address. */
    static ArtifactUri uri(String run, ArtifactUri store) throws StepFailure {
        try {
            return run.contains("://") ? ArtifactUri.parse(withoutSlash(run)) : store.resolve(withoutSlash(run));
        } catch (ArtifactException e) {
            throw StepFailure.ofSource(e);
        } catch (IllegalArgumentException e) {
            throw StepFailure.failed(StepFailure.UNSUPPORTED_SCHEME, "--run: " + e.getMessage(), e);
        }
    }

    /**
     * What tells a run from all others: namespace, TrainingJob, and its number with the beginning of the TrainingJob's
     * uid, as the operator has it in the folder's address; of another folder the address itself.
     */
    static String identity(String run) {
        var folder = withoutSlash(run);
        var match = OF_OPERATOR.matcher(folder);
        if (match.matches()) {
            return match.group(1);
        }
        return folder.length() <= LONGEST ? folder : folder.substring(folder.length() - LONGEST);
    }

    private static String withoutSlash(String run) {
        return run.replaceFirst("/+$", "");
    }
}
