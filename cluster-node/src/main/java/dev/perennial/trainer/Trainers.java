package dev.perennial.trainer;

import dev.perennial.learning.BaseModel;
import dev.perennial.learning.SequenceEncoder;
import dev.perennial.protocols.DomainAsk;
import dev.perennial.protocols.SchedulerCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/**
 * What a node needs to run a trainer.
 *
 * @param baseDirectory holds the base's general suite
 * @param directory of files of running updates
 * @param checkpointInterval work that the death of a trainer may cost
 * @param outagePause between two tries where a database or a domain is away
 * @param outagePatience after which the lease is handed back
 */
public record Trainers(
        BaseModel base,
        Path baseDirectory,
        DomainAsk domains,
        ExampleSource examples,
        AdapterStore adapters,
        CheckpointStore checkpoints,
        Path directory,
        Duration checkpointInterval,
        Duration outagePause,
        Duration outagePatience,
        Optional<Isolation> isolation) {
    /**
     * How updates are run in processes of their own.
     *
     * @param device as in the settings
     * @param threads processor threads of one operation
     */
    public record Isolation(String device, int threads, List<String> jvmOptions) {
        public Isolation {
            jvmOptions = List.copyOf(jvmOptions);
        }
    }

    /**
     * A trainer to be started.
     *
     * @param usable whether this process can begin updates; where it cannot, native calls hang in it, and most likely for
     *     ever
     */
    public record Made(Behavior<Trainer.Message> behavior, BooleanSupplier usable) {}

    /** A trainer that runs updates on threads of this process where they are not isolated. */
    public Made trainer(Trainer.Rules rules, ActorRef<SchedulerCommand> scheduler) {
        Path own = directory.resolve(String.valueOf(ProcessHandle.current().pid()));
        WorkDirectory.deleteLeftovers(directory);
        Workshop workshop = workshop();
        TrainingJob.Parts parts = new TrainingJob.Parts(
                workshop,
                domains,
                examples,
                adapters,
                checkpoints,
                own,
                outagePause,
                Math.max(1, (int) outagePatience.dividedBy(outagePause)),
                System::nanoTime);
        return new Made(
                Trainer.create(
                        rules,
                        scheduler,
                        parts,
                        new Capabilities(
                                base.deviceName(), base.deviceMemory(), base::memoryForAnUpdate, base.digest())),
                workshop::isUsable);
    }

    private Workshop workshop() {
        if (isolation.isPresent()) {
            ProcessWorkshop.Program program = new ProcessWorkshop.Program(
                    System.getProperty("java.class.path", ""),
                    isolation.get().jvmOptions(),
                    baseDirectory,
                    isolation.get().device(),
                    isolation.get().threads());
            return new ProcessWorkshop(base, program, checkpointInterval, System::nanoTime);
        }
        GeneralSuite general = GeneralSuite.read(baseDirectory, new SequenceEncoder(base));
        return new ThreadWorkshop(base, general, checkpointInterval, System::nanoTime);
    }
}
