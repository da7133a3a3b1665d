package dev.perennial.learning.tuning;

import dev.perennial.learning.LearningException;
import dev.perennial.learning.dataset.DataRow.Purpose;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What an adapter is trained to do with its data. */
public enum Method {
    /** Supervised fine-tuning: cross-entropy. */
    SFT(Purpose.SUPERVISED, "rows of text, prompt and completion, or conversations"),
    /** Direct preference optimisation (Rafailov et al. 2023). */
    DPO(Purpose.PREFERENCE, "preference rows (chosen, rejected)"),
    /** Kahneman-Tversky optimisation (Ethayarajh et al. 2024). */
    KTO(Purpose.JUDGEMENT, "labelled rows (prompt, completion, label)");

    private final Purpose purpose;
    private final String rows;

    Method(Purpose purpose, String rows) {
        this.purpose = purpose;
        this.rows = rows;
    }

    /** What rows of a purpose call for. */
    public static Method of(Purpose purpose) {
        return Arrays.stream(values())
                .filter(method -> method.purpose == purpose)
                .findFirst()
                .orElseThrow(() -> new AssertionError(purpose));
    }

    /** By its name, in small letters. */
    public static Method parse(String name) {
        return Arrays.stream(values())
                .filter(method -> method.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new LearningException("unknown method '" + name + "'; known: "
                        + Arrays.stream(values()).map(Method::toString).collect(Collectors.joining(", "))));
    }

    /** @throws LearningException where rows of this purpose are not what the method learns */
    public void check(Purpose got) {
        if (got != purpose) {
            throw new LearningException("method " + this + ": expected " + rows + "; got " + of(got).rows);
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
