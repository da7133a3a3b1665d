package dev.perennial.learning.jinja;

/**
 * What a name or attribute that is not there gives. It may be asked about in a condition, but unlike in Jinja2 it
 * never becomes text: a prompt with a silent gap is worse than an error.
 *
 * @param what the expression's name, for the error
 */
record Undefined(String what) {
    TemplateException refused() {
        return new TemplateException("'" + what + "' is undefined");
    }
}
