package dev.perennial.learning.continual;

/** What an update trains, and with which of the earlier data: the part of a method that every plan has exactly one of. */
public sealed interface Beginning permits SequentialLora, StackedLora, BaseOnly, JointTraining {}
