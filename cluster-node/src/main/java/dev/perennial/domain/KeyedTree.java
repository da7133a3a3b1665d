package dev.perennial.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A sorted set of values, each put in under a number, smallest first; values of one number are in an order of their own. Sets
 * share what they have in common: a change copies the few nodes on its way. The numbers lie in arrays, so that looking a place
 * up in a million touches four pieces of memory and not one for each comparison.
 */
final class KeyedTree<T> {
    /** Values of a leaf, children of a branch. */
    private static final int MOST = 32;
    /** A node with fewer joins its neighbour where both fit into one that is three quarters full. */
    private static final int FEW = MOST / 4;

    private static final int FITTING = MOST * 3 / 4;

    private final Comparator<? super T> ties;
    private final Node root;
    private final int size;

    /** Known by its identity: a node that did not change is the same one. */
    private static final class Node {
        private static final Node[] LEAF = {};
        static final Node EMPTY = new Node(new double[0], new Object[0], LEAF);

        /** Of a branch the smallest of each child. */
        final double[] keys;

        /** Of a branch the smallest of each child. */
        final Object[] values;

        /** None of a leaf. */
        final Node[] children;

        Node(double[] keys, Object[] values, Node[] children) {
            this.keys = keys;
            this.values = values;
            this.children = children;
        }

        int size() {
            return keys.length;
        }

        boolean isLeaf() {
            return children.length == 0;
        }
    }

    private KeyedTree(Comparator<? super T> ties, Node root, int size) {
        this.ties = ties;
        this.root = root;
        this.size = size;
    }

    /** @param ties the order of values of one number; 0 only for the same value */
    static <T> KeyedTree<T> empty(Comparator<? super T> ties) {
        return new KeyedTree<>(ties, Node.EMPTY, 0);
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** @throws NoSuchElementException where there is none */
    T first() {
        requireValues();
        return value(root, 0);
    }

    /** The number of the first. */
    double firstKey() {
        requireValues();
        return root.keys[0];
    }

    private void requireValues() {
        if (isEmpty()) {
            throw new NoSuchElementException("no value is left");
        }
    }

    KeyedTree<T> plus(double key, T value) {
        Node next = plus(root, key, value);
        if (next == root) {
            return this;
        }
        return new KeyedTree<>(ties, next.size() > MOST ? parent(halves(next)) : next, size + 1);
    }

    KeyedTree<T> minus(double key, T value) {
        Node next = minus(root, key, value);
        if (next == root) {
            return this;
        }
        while (next.children.length == 1) {
            next = next.children[0];
        }
        return new KeyedTree<>(ties, next.size() == 0 ? Node.EMPTY : next, size - 1);
    }

    /** The result may have one value or child too many. */
    private Node plus(Node node, double key, T value) {
        int place = place(node, key, value);
        if (node.isLeaf()) {
            return holds(node, place, key, value) ? node : spliced(node, place, place, leaf(key, value));
        }
        int child = child(node, place, key, value);
        Node old = node.children[child];
        Node next = plus(old, key, value);
        if (next == old) {
            return node;
        }
        return spliced(node, child, child + 1, next.size() > MOST ? parent(halves(next)) : parent(next));
    }

    private Node minus(Node node, double key, T value) {
        int place = place(node, key, value);
        if (node.isLeaf()) {
            return holds(node, place, key, value) ? spliced(node, place, place + 1, Node.EMPTY) : node;
        }
        int child = child(node, place, key, value);
        Node old = node.children[child];
        Node next = minus(old, key, value);
        if (next == old) {
            return node;
        }
        if (next.size() == 0) {
            return spliced(node, child, child + 1, Node.EMPTY);
        }
        int left = child + 1 < node.size() ? child : child - 1;
        if (next.size() < FEW && left >= 0) {
            Node one = left == child ? next : node.children[left];
            Node other = left == child ? node.children[left + 1] : next;
            if (one.size() + other.size() <= FITTING) {
                return spliced(node, left, left + 2, parent(spliced(one, one.size(), one.size(), other)));
            }
        }
        return spliced(node, child, child + 1, parent(next));
    }

    /** The first place whose number and value are not smaller. */
    private int place(Node node, double key, T value) {
        int low = 0;
        int high = node.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            int order = Double.compare(node.keys[middle], key);
            if (order == 0) {
                order = compare(value(node, middle), value);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean holds(Node node, int place, double key, T value) {
        return place < node.size()
                && Double.compare(node.keys[place], key) == 0
                && compare(value(node, place), value) == 0;
    }

    /** A value is looked for by itself most often, which spares a look into it. */
    private int compare(T one, T other) {
        return one == other ? 0 : ties.compare(one, other);
    }

    /** Of a branch, the child in whose range the value is. */
    private int child(Node node, int place, double key, T value) {
        return holds(node, place, key, value) ? place : Math.max(0, place - 1);
    }

    @SuppressWarnings("unchecked") // Only plus puts values in.
    private T value(Node node, int place) {
        return (T) node.values[place];
    }

    private static Node leaf(double key, Object value) {
        return new Node(new double[] {key}, new Object[] {value}, Node.LEAF);
    }

    private static Node parent(Node... children) {
        double[] keys = new double[children.length];
        Object[] values = new Object[children.length];
        for (int i = 0; i < children.length; i++) {
            keys[i] = children[i].keys[0];
            values[i] = children[i].values[0];
        }
        return new Node(keys, values, children);
    }

    private static Node[] halves(Node node) {
        int middle = node.size() / 2;
        return new Node[] {part(node, 0, middle), part(node, middle, node.size())};
    }

    private static Node part(Node node, int from, int to) {
        return new Node(
                Arrays.copyOfRange(node.keys, from, to),
                Arrays.copyOfRange(node.values, from, to),
                node.isLeaf() ? Node.LEAF : Arrays.copyOfRange(node.children, from, to));
    }

    /** The node with what lies from one place to another replaced by what another node of its kind holds. */
    private static Node spliced(Node node, int from, int to, Node middle) {
        int length = node.size() - (to - from) + middle.size();
        double[] keys = new double[length];
        Object[] values = new Object[length];
        splice(node.keys, from, to, middle.keys, keys, middle.size(), node.size());
        splice(node.values, from, to, middle.values, values, middle.size(), node.size());
        if (node.isLeaf()) {
            return new Node(keys, values, Node.LEAF);
        }
        Node[] children = new Node[length];
        splice(node.children, from, to, middle.children, children, middle.size(), node.size());
        return new Node(keys, values, children);
    }

    @SuppressWarnings("SuspiciousSystemArraycopy") // The arrays are of one kind.
    private static void splice(Object old, int from, int to, Object middle, Object next, int inserted, int length) {
        System.arraycopy(old, 0, next, 0, from);
        System.arraycopy(middle, 0, next, from, inserted);
        System.arraycopy(old, to, next, from + inserted, length - to);
    }

    /** A value with the number that it was put in under. */
    record Keyed<T>(double key, T value) {}

    /** Smallest number first. */
    Iterator<Keyed<T>> iterator() {
        return new Walk(root);
    }

    private final class Walk implements Iterator<Keyed<T>> {
        private final Deque<Visit> path = new ArrayDeque<>();

        private record Visit(Node node, int place) {}

        Walk(Node root) {
            if (root.size() > 0) {
                descend(root);
            }
        }

        private void descend(Node from) {
            Node node = from;
            while (!node.isLeaf()) {
                path.push(new Visit(node, 0));
                node = node.children[0];
            }
            path.push(new Visit(node, 0));
        }

        @Override
        public boolean hasNext() {
            return !path.isEmpty();
        }

        @Override
        public Keyed<T> next() {
            Visit now = path.element();
            Keyed<T> next = new Keyed<>(now.node.keys[now.place], value(now.node, now.place));
            while (!path.isEmpty()) {
                Visit visit = path.pop();
                int place = visit.place + 1;
                if (place < visit.node.size()) {
                    path.push(new Visit(visit.node, place));
                    if (!visit.node.isLeaf()) {
                        descend(visit.node.children[place]);
                    }
                    break;
                }
            }
            return next;
        }
    }

    /** Of the same values under the same numbers. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyedTree<?> tree && size == tree.size && list().equals(tree.list());
    }

    @Override
    public int hashCode() {
        return list().hashCode();
    }

    @Override
    public String toString() {
        return list().toString();
    }

    private List<Keyed<T>> list() {
        List<Keyed<T>> all = new ArrayList<>();
        iterator().forEachRemaining(all::add);
        return all;
    }
}
