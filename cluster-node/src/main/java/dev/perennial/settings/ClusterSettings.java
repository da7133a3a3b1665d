package dev.perennial.settings;

import dev.perennial.protocols.ProtocolVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * This node's place among others.
 *
 * @param roles at least one
 * @param host by which the others reach this node
 * @param port 0 for any free one, which only a node without seeds can have
 * @param bindHost where it listens, if that is elsewhere than at host
 * @param seeds {@code host:port} of nodes to join, the same list in the same order on every node. The first of them founds the
 *     cluster where it finds none; empty: this node is a cluster of its own
 * @param protocol what it announces to speak, at most what its build does
 */
public record ClusterSettings(
        Set<NodeRole> roles,
        String host,
        int port,
        Optional<String> bindHost,
        List<String> seeds,
        ProtocolVersion protocol) {
    public ClusterSettings {
        roles = Set.copyOf(roles);
        seeds = List.copyOf(seeds);
    }

    static ClusterSettings from(Section section) {
        Set<NodeRole> roles = roles(section);
        String host = section.text("host");
        int port = section.integer("port", 0, 65_535);
        List<String> seeds = HostAndPort.list(section, "seeds");
        if (seeds.isEmpty() && !roles.contains(NodeRole.DOMAIN)) {
            throw new SettingsException(
                    section.path() + ".roles has no domain, without which a node needs others to join:" + " set "
                            + section.path() + ".seeds");
        }
        if (!seeds.isEmpty() && port == 0) {
            throw new SettingsException(
                    section.path() + ".port is 0, any free one, where the nodes of a cluster need a known one");
        }
        return new ClusterSettings(roles, host, port, section.optionalText("bind-host"), seeds, protocol(section));
    }

    private static ProtocolVersion protocol(Section section) {
        int most = section.integer("protocol", 0, ProtocolVersion.SPOKEN.number());
        return most == 0 ? ProtocolVersion.SPOKEN : new ProtocolVersion(most);
    }

    private static Set<NodeRole> roles(Section section) {
        Set<NodeRole> roles = EnumSet.noneOf(NodeRole.class);
        for (String text : section.texts("roles")) {
            roles.add(Arrays.stream(NodeRole.values())
                    .filter(role -> role.text().equals(text))
                    .findFirst()
                    .orElseThrow(() ->
                            new SettingsException(section.path() + ".roles is a list of " + all() + "; got " + text)));
        }
        if (roles.isEmpty()) {
            throw new SettingsException(section.path() + ".roles is a list of at least one of " + all());
        }
        return roles;
    }

    private static String all() {
        return Arrays.stream(NodeRole.values()).map(NodeRole::text).collect(Collectors.joining(", "));
    }

    public boolean has(NodeRole role) {
        return roles.contains(role);
    }

    /** Where the base model is opened. */
    public boolean computes() {
        return has(NodeRole.TRAINER) || has(NodeRole.SERVING);
    }

    /** Whether some other node may be there already, with a database of its own. */
    public boolean joinsOthers() {
        List<String> others = new ArrayList<>(seeds);
        others.remove(host + ":" + port);
        return !others.isEmpty();
    }
}
