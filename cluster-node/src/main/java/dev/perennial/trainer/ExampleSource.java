package dev.perennial.trainer;

import dev.perennial.protocols.DomainId;
import dev.perennial.protocols.Example;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Where trainers get the texts of examples. */
public interface ExampleSource {
    /** The examples in the order of the ids; fails naming ids that are not there. */
    CompletionStage<List<Example>> fetch(DomainId domain, List<String> ids);
}
