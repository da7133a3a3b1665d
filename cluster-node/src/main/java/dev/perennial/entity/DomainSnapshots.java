package dev.perennial.entity;

import dev.perennial.domain.DomainState;
import dev.perennial.protocols.DomainSnapshot;
import java.util.Optional;
import org.apache.pekko.persistence.typed.SnapshotAdapter;

/** A domain's state as it is kept; of a domain that is none nothing is. */
final class DomainSnapshots implements SnapshotAdapter<Optional<DomainState>> {
    @Override
    public Object toJournal(Optional<DomainState> state) {
        return state.orElseThrow().toSnapshot();
    }

    @Override
    public Optional<DomainState> fromJournal(Object snapshot) {
        return Optional.of(DomainState.fromSnapshot((DomainSnapshot) snapshot));
    }
}
