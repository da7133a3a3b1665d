package dev.perennial.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The bank of {@code decoding.torchscript}: the low-rank matrices of a decoder's rows side by side, a slot for every row. */
final class AdapterBank implements AutoCloseable {
    /** Projections of which the A matrices are in one tensor: queries, keys and values; outputs; gate and up; down. */
    private static final int[][] TOGETHER = {{0, 1, 2}, {3}, {4, 5}, {6}};
    /** Products of less are computed in another way, which rounds otherwise. */
    private static final int SMALL_PRODUCT = 400;

    private final BaseModel base;
    private final int slots;
    /** Ranks are rounded up to a multiple of it, a multiple of 8. */
    private final int ranks;

    private final NDManager scope;
    private final NDList tensors = new NDList();
    /** Of each projection of each layer, a multiple of {@link #ranks}. */
    private final int[] sizes;

    /** With room for the ranks of these adapters, in none of its slots yet. */
    AdapterBank(BaseModel base, NDManager manager, int slots, List<Adapter> adapters) {
        this.base = base;
        this.slots = slots;
        int narrowest = IntStream.range(0, ModelShape.PROJECTIONS.size())
                .flatMap(j -> Arrays.stream(base.shape().projectionSize(j)))
                .min()
                .orElseThrow();
        this.ranks = (SMALL_PRODUCT / narrowest + 8) / 8 * 8;
        this.scope = manager.newSubManager();
        this.sizes = IntStream.range(0, base.shape().layers() * ModelShape.PROJECTIONS.size())
                .map(j -> adapters.stream()
                        .mapToInt(adapter -> room(adapter, j))
                        .max()
                        .orElse(0))
                .toArray();
        try {
            for (int layer = 0; layer < base.shape().layers(); layer++) {
                int first = layer * ModelShape.PROJECTIONS.size();
                for (int[] together : TOGETHER) {
                    int rank =
                            Arrays.stream(together).map(j -> sizes[first + j]).sum();
                    tensors.add(place(rank, new Shape(rank, base.shape().projectionSize(together[0])[1])));
                }
                for (int j = 0; j < ModelShape.PROJECTIONS.size(); j++) {
                    int rank = sizes[first + j];
                    tensors.add(place(rank, new Shape(rank, base.shape().projectionSize(j)[0])));
                }
            }
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    private NDArray place(int rank, Shape matrix) {
        Shape shape = rank == 0 ? new Shape(0) : new Shape(slots).addAll(matrix);
        NDArray array = base.zeros(scope, shape);
        array.setName("bank[]");
        return array;
    }

    private int room(Adapter adapter, int projection) {
        Shape shape = adapter.tensors().get(2 * projection).getShape();
        return shape.size() == 0 ? 0 : ((int) shape.get(0) + ranks - 1) / ranks * ranks;
    }

    /** The script's arguments. */
    NDList tensors() {
        return tensors;
    }

    boolean fits(Adapter adapter) {
        return IntStream.range(0, sizes.length).allMatch(j -> room(adapter, j) <= sizes[j]);
    }

    void seat(int slot, Adapter adapter) {
        try (NDManager call = base.scope()) {
            NDList arguments = new NDList(call.create((long) slot));
            arguments.addAll(new NDList(adapter.tensors()));
            arguments.add(adapter.scale());
            arguments.addAll(tensors);
            base.script().infer("seat", arguments);
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
