using Funion.Network;
using Microsoft.Extensions.Configuration;

namespace Funion.Hosting;

/// <summary>
/// The settings of one node, from the section <c>Funion</c> of its host's configuration: environment variables <c>Funion__Node</c> and so on, or
/// <c>local.settings.json</c>. Prefix and role have flat names, <c>FUNION_PREFIX</c> and <c>FUNION_ROLE</c>: triggers name their queues by them, and the
/// platform's scale controller reads no sections there. The table in infra/README says what each means to who deploys.
/// </summary>
public sealed record NodeSettings
{
    /// <summary>The section.</summary>
    public const string Section = "Funion";

    /// <summary>The node's name in the network document: mix-1-0.</summary>
    public required string Node { get; init; }

    /// <summary>What it does. Names its queues, so that one function serves every role.</summary>
    public required NodeRole Role { get; init; }

    /// <summary>What its queues, tables and containers begin with; its name, as a rule.</summary>
    public required string Prefix { get; init; }

    /// <summary>The signed network document: a path or an http(s) URL.</summary>
    public required string NetworkDocument { get; init; }

    /// <summary>The pin: its JSON text, or a path.</summary>
    public required string Authorities { get; init; }

    /// <summary>The node's keys: a path, or the https URL of a secret in a vault. Never keys themselves.</summary>
    public required string Keys { get; init; }

    /// <summary>Whose queues carry the packets.</summary>
    public QueueKind Queues { get; init; } = QueueKind.Storage;

    /// <summary>Peers in the same tenant, by name; whoever is not among them is reached by its address in the document.</summary>
    public PeerList Peers { get; init; } = PeerList.None;

    /// <summary>Compute's folder of models.</summary>
    public string Models { get; init; } = "";

    /// <summary>How promptly queues are looked at.</summary>
    public LatencyProfile LatencyProfile { get; init; } = LatencyProfile.Responsive;

    /// <summary>Names of all settings, with the section: what templates and samples are held to.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(NodeSettings).GetProperties().Where(property => property is { CanWrite: true, GetMethod.IsStatic: false }).Select(property => NameOf(property.Name))];

    /// <summary>A setting's name as an environment variable.</summary>
    public static string NameOf(string property) => property switch
    {
        nameof(Prefix) => "FUNION_PREFIX",
        nameof(Role) => "FUNION_ROLE",
        _ => $"{Section}__{property}",
    };

    /// <summary>Reads them.</summary>
    /// <exception cref="NodeSettingsException">A setting is missing or no such value; the message names it.</exception>
    public static NodeSettings Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        string node = Required(configuration, nameof(Node));
        return new NodeSettings
        {
            Node = node,
            Role = Choice<NodeRole>(configuration, nameof(Role)) ?? throw new NodeSettingsException(NameOf(nameof(Role)), "is missing"),
            Prefix = Value(configuration, nameof(Prefix)) is { Length: > 0 } prefix ? prefix : node,
            NetworkDocument = Required(configuration, nameof(NetworkDocument)),
            Authorities = Required(configuration, nameof(Authorities)),
            Keys = Required(configuration, nameof(Keys)),
            Queues = Choice<QueueKind>(configuration, nameof(Queues)) ?? QueueKind.Storage,
            Peers = PeerList.TryParse(Value(configuration, nameof(Peers)) ?? "") ?? throw new NodeSettingsException(NameOf(nameof(Peers)), "is no list name=uri;name=uri"),
            Models = Value(configuration, nameof(Models)) ?? "",
            LatencyProfile = Choice<LatencyProfile>(configuration, nameof(LatencyProfile)) ?? LatencyProfile.Responsive,
        };
    }

    static string? Value(IConfiguration configuration, string name) =>
        configuration[NameOf(name).Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)];

    static string Required(IConfiguration configuration, string name) =>
        Value(configuration, name) is { Length: > 0 } value ? value : throw new NodeSettingsException(NameOf(name), "is missing");

    static T? Choice<T>(IConfiguration configuration, string name)
        where T : struct, Enum
    {
        if (Value(configuration, name) is not { Length: > 0 } value)
        {
            return null;
        }
        // A name and nothing else: the parser would take numbers, and lists of names.
        return Enum.GetNames<T>().FirstOrDefault(choice => choice.Equals(value, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<T>(found)
            : throw new NodeSettingsException(NameOf(name), $"is none of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");
    }
}
