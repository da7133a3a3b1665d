package dev.perennial.http;

/** Protocol versions, as {@link dev.perennial.protocols.ProtocolVersion} numbers them. */
public interface SpokenProtocols {
    /** What this node announces. */
    int ofNode();

    /** What may be used: all nodes speak it. 0 before the node has joined a cluster. */
    int inCluster();
}
