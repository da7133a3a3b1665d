package dev.perennial.simulations.schedule;

/**
 * Something that is to happen.
 *
 * @param at hours
 * @param order of events of the same time
 * @param subject a domain or a GPU
 * @param run that ends; what ends a run that is no longer there changes nothing
 */
record Event(double at, long order, Kind kind, int subject, long run) implements Comparable<Event> {
    enum Kind {
        LOOK,
        BURST,
        END,
        REPAIRED,
        SAMPLE
    }

    @Override
    public int compareTo(Event other) {
        int byTime = Double.compare(at, other.at);
        return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
}
