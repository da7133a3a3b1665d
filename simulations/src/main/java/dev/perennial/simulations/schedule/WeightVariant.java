package dev.perennial.simulations.schedule;

import dev.perennial.domain.PriorityWeights;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The default weights with some of them changed, as in {@code impact=3,waiting=0.2}. */
final class WeightVariant {
    private WeightVariant() {}

    static PriorityWeights parse(String text) {
        Map<String, Double> changed = new HashMap<>();
        for (String part : text.split(",", -1)) {
            String[] sides = part.split("=", -1);
            try {
                changed.put(sides[0], Double.parseDouble(sides[sides.length - 1]));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("a variant is NAME=NUMBER,…, as in impact=3; got " + text, e);
            }
        }
        List<Double> values = new ArrayList<>();
        for (RecordComponent component : PriorityWeights.class.getRecordComponents()) {
            Double value = changed.remove(component.getName());
            values.add(value == null ? standard(component) : value);
        }
        if (!changed.isEmpty()) {
            throw new IllegalArgumentException("weights are "
                    + Arrays.stream(PriorityWeights.class.getRecordComponents())
                            .map(RecordComponent::getName)
                            .toList()
                    + "; got " + changed.keySet());
        }
        try {
            return (PriorityWeights) PriorityWeights.class.getDeclaredConstructors()[0].newInstance(values.toArray());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static Double standard(RecordComponent component) {
        try {
            return (Double) component.getAccessor().invoke(PriorityWeights.DEFAULT);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
