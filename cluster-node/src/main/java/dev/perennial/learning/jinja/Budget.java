package dev.perennial.learning.jinja;

import java.time.Duration;

/**
 * What one rendering may use. Every step of the interpreter and every character or element that it makes is charged
 * here, so that a hostile template stops by itself on its caller's thread; no other thread watches it. Not thread-safe.
 */
final class Budget {
    static final int LARGEST_TEXT = 4 << 20;
    static final int LARGEST_LIST = 1 << 20;
    static final int DEEPEST_CALL = 64;
    /** As in Jinja2's sandbox. */
    static final int LARGEST_RANGE = 100_000;

    /** Characters and elements that may be made in all; bounds the memory of what a template holds on to. */
    private static final long LARGEST_WORK = 64L << 20;

    private static final int STEPS_BETWEEN_LOOKS = 1 << 10;

    private final Duration limit;
    private final long start = System.nanoTime();
    private long steps;
    private long work;
    private int depth;

    Budget(Duration limit) {
        this.limit = limit;
    }

    void step() {
        steps++;
        if (steps % STEPS_BETWEEN_LOOKS == 0) {
            look();
        }
    }

    private void look() {
        if (System.nanoTime() - start > limit.toNanos()) {
            throw new TemplateException("the template ran for longer than " + limit.toMillis() + " ms");
        }
    }

    void charge(long amount) {
        work += amount;
        if (work > LARGEST_WORK) {
            throw new TemplateException(
                    "the template made more than " + LARGEST_WORK + " characters and elements on its way");
        }
        if (amount > STEPS_BETWEEN_LOOKS) {
            look();
        }
    }

    /** Looking for one text in another takes the product of their lengths at worst. */
    void search(String text, String sought) {
        charge(1 + (long) text.length() * sought.length() / 32);
    }

    /** Charges a text that is about to be made. */
    void text(long length) {
        if (length > LARGEST_TEXT) {
            throw new TemplateException(
                    "the template made a text of " + length + " characters; at most " + LARGEST_TEXT + " are allowed");
        }
        charge(length + 1);
    }

    String made(String text) {
        text(text.length());
        return text;
    }

    /** Charges a list that is about to be made. */
    void list(long size) {
        if (size > LARGEST_LIST) {
            throw new TemplateException(
                    "the template made a list of " + size + " elements; at most " + LARGEST_LIST + " are allowed");
        }
        charge(size + 1);
    }

    void enter() {
        depth++;
        if (depth > DEEPEST_CALL) {
            throw new TemplateException("the template's macros call each other more than " + DEEPEST_CALL + " deep");
        }
    }

    void leave() {
        depth--;
    }
}
