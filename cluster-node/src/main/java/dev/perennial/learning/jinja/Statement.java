package dev.perennial.learning.jinja;

/** A piece of a template, made ready by {@link StatementParser}. */
@FunctionalInterface
interface Statement {
    /** What a loop is to do next. */
    enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    Flow render(Scope scope, Output out);
}
