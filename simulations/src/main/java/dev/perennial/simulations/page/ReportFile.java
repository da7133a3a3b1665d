package dev.perennial.simulations.page;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where an experiment's figures go, looked at before it begins and not when it is over. */
public final class ReportFile {
    private ReportFile() {}

    /**
     * Makes its folder where there is none.
     *
     * @throws IOException saying what is in the way, where the file could not be written
     */
    public static void require(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("--report: expected a file; " + file + " is a directory");
        }
        Path folder = file.toAbsolutePath().getParent();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IOException("--report: the folder " + folder + " cannot be made: " + e, e);
        }
        if (!Files.isWritable(Files.exists(file) ? file : folder)) {
            throw new IOException("--report: " + file + " cannot be written");
        }
    }
}
