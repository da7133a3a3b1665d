package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The forms in which a decoder multiplies its rows with matrices: {@code multiply_rows} says which there are.
 *
 * <p>A row must come out the same, bit for bit, whoever shares the batch. Which forms do so depends on the processor, whose
 * libraries treat some places of a batch otherwise (oneDNN takes six rows and the rest on AVX2), so they are tried on the base's own
 * matrices and the first that does is taken. The last computes each row by itself, so that there always is one. No clock decides,
 * so that one kind of machine always takes the same.
 *
 * @param projections of the layers' matrices
 * @param head of the vocabulary's
 */
record RowProducts(int projections, int head) {
    /** Decoders of so few rows have forms of their own. */
    static final int FEW = 2;

    private static final int ALONE = 0;
    private static final int PAIRS = 1;
    private static final int ONE_DNN = 2;
    private static final int LEFT_OF_FOUR = 3;
    private static final int LEFT_OF_EIGHT = 4;

    private static final long[] FEW_ROWS = {1, 2};
    /** Decoders of more compute even numbers of rows, eight at a time. */
    private static final long[] MANY_ROWS = {2, 4, 6, 8};

    /** For decoders of one or two rows, on the processor: the matrices of one layer, [out, in], and the head, [V, D]. */
    static RowProducts few(TorchScript script, List<NDArray> layer, NDArray head) {
        return new RowProducts(
                first(script, List.of(PAIRS), FEW_ROWS, layer), first(script, List.of(PAIRS), FEW_ROWS, List.of(head)));
    }

    /** For decoders of more rows. */
    static RowProducts many(TorchScript script, List<NDArray> layer, NDArray head) {
        return new RowProducts(
                first(script, List.of(ONE_DNN, LEFT_OF_FOUR, LEFT_OF_EIGHT), MANY_ROWS, layer),
                first(script, List.of(LEFT_OF_FOUR, LEFT_OF_EIGHT), MANY_ROWS, List.of(head)));
    }

    private static int first(TorchScript script, List<Integer> forms, long[] counts, List<NDArray> matrices) {
        Map<Shape, NDArray> sizes = new LinkedHashMap<>();
        matrices.forEach(matrix -> sizes.putIfAbsent(matrix.getShape(), matrix));
        try (NDManager scope = matrices.get(0).getManager().newSubManager()) {
            NDList weights = new NDList();
            sizes.forEach((shape, matrix) -> {
                NDArray view = matrix.reshape(shape);
                view.attach(scope);
                view.setName("weights[]");
                weights.add(view);
            });
            for (int form : forms) {
                NDList arguments = new NDList(scope.create((long) form), scope.create(counts));
                arguments.addAll(weights);
                if (script.infer("rounds_alike", arguments).get(0).toLongArray()[0] == 1) {
                    return form;
                }
            }
        }
        return ALONE;
    }
}
