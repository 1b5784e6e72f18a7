package dev.tatara.steps.training;

import dev.tatara.artifacts.Digested;
import dev.tatara.steps.StepFailure;
import java.nio.file.Path;
import java.util.List;

/** A folder of the artifact store that one run writes to. Names are paths below it. */
interface RunFolder {
    /** Publishes a file, whole or not at all, in place of what is there. */
    Digested put(String name, Path file) throws StepFailure;

    /** The digest of the bytes that are there. */
    Digested digest(String name) throws StepFailure;

    /** Everything below a folder, in the order of keys, by names below that folder. */
    List<String> list(String folder) throws StepFailure;

    /** Removes; that nothing is there is fine. */
    void delete(String name) throws StepFailure;

    /** The whole address of a name. */
    String address(String name);
}
