package dev.perennial.domain;

import java.util.Comparator;
import org.pcollections.TreePMap;
import org.pcollections.TreePSet;

/**
 * Who is the next to give way: the lowest rank of the largest stratum; among equals, the last by name and then the first.
 *
 * @param members by stratum; none is empty
 * @param sizes of all strata
 */
record Strata(TreePMap<String, TreePSet<Member>> members, TreePSet<Size> sizes) {
    static final Strata EMPTY = new Strata(TreePMap.empty(), TreePSet.empty());

    record Member(double rank, String id) implements Comparable<Member> {
        private static final Comparator<Member> ORDER =
                Comparator.comparingDouble(Member::rank).thenComparing(Member::id);

        @Override
        public int compareTo(Member other) {
            return ORDER.compare(this, other);
        }
    }

    record Size(int members, String stratum) implements Comparable<Size> {
        private static final Comparator<Size> ORDER =
                Comparator.comparingInt(Size::members).thenComparing(Size::stratum);

        @Override
        public int compareTo(Size other) {
            return ORDER.compare(this, other);
        }
    }

    Strata plus(String stratum, Member member) {
        return changed(stratum, of(stratum).plus(member));
    }

    Strata minus(String stratum, Member member) {
        return changed(stratum, of(stratum).minus(member));
    }

    /** @return the id; there must be one */
    String weakest() {
        return of(sizes.last().stratum()).first().id();
    }

    private TreePSet<Member> of(String stratum) {
        return members.getOrDefault(stratum, TreePSet.empty());
    }

    private Strata changed(String stratum, TreePSet<Member> next) {
        TreePSet<Size> others = sizes.minus(new Size(of(stratum).size(), stratum));
        return next.isEmpty()
                ? new Strata(members.minus(stratum), others)
                : new Strata(members.plus(stratum, next), others.plus(new Size(next.size(), stratum)));
    }
}
