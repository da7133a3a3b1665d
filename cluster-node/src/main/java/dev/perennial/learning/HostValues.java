package dev.perennial.learning;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;

/** Reads arrays that live long. */
final class HostValues {
    private HostValues() {}

    /**
     * The values of a float array, row after row. Of an array on a device, DJL's own {@code toFloatArray} would keep its copy on
     * the processor, which has a manager of its own, for as long as the array's manager lives.
     */
    static float[] of(NDArray array) {
        NDArray here = array.toDevice(Device.cpu(), false);
        try {
            return here.toFloatArray();
        } finally {
            if (here != array) {
                here.getManager().close();
            }
        }
    }

    /** The same with its shape, to be written to a file. */
    static Safetensors.Tensor tensor(NDArray array) {
        return Safetensors.Tensor.of(of(array), array.getShape().getShape());
    }
}
