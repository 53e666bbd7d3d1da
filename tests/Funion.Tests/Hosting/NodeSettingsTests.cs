using Funion.Hosting;
using Funion.Network;
using Microsoft.Extensions.Configuration;

namespace Funion.Tests.Hosting;

/// <summary>Settings as environment variables give them.</summary>
public sealed class NodeSettingsTests
{
    const string Secret = "s3cret-value";

    static readonly Dictionary<string, string?> s_all = new()
    {
        ["Funion__Node"] = "mix-1-0",
        ["FUNION_ROLE"] = "mix",
        ["FUNION_PREFIX"] = "m10",
        ["Funion__NetworkDocument"] = "network.json",
        ["Funion__Authorities"] = "authorities",
        ["Funion__Keys"] = "https://vault.example/secrets/mix-1-0-keys",
        ["Funion__Queues"] = "servicebus",
        ["Funion__Peers"] = "mix-2-0=sb://bus.example/mix-2-0",
        ["Funion__Models"] = "models",
        ["Funion__LatencyProfile"] = "economical",
    };

    [Fact]
    public void Every_setting_is_read()
    {
        NodeSettings settings = Read(s_all);
        Assert.Equal(
            ("mix-1-0", NodeRole.Mix, "m10", "network.json", "authorities", "https://vault.example/secrets/mix-1-0-keys"),
            (settings.Node, settings.Role, settings.Prefix, settings.NetworkDocument, settings.Authorities, settings.Keys));
        Assert.Equal(
            (QueueKind.ServiceBus, "models", LatencyProfile.Economical),
            (settings.Queues, settings.Models, settings.LatencyProfile));
        Assert.Equal("mix-2-0", settings.Peers.Find("mix-2-0")?.Prefix);
        // What is set here is all there is to set.
        Assert.Equal(s_all.Keys.Order(), NodeSettings.Names.Order());
    }

    [Fact]
    public void What_may_be_missing_has_a_default()
    {
        NodeSettings settings = Read(s_all, ("FUNION_PREFIX", null), ("Funion__Queues", null), ("Funion__Peers", null),
            ("Funion__Models", null), ("Funion__LatencyProfile", ""));
        Assert.Equal(
            ("mix-1-0", QueueKind.Storage, "", LatencyProfile.Responsive),
            (settings.Prefix, settings.Queues, settings.Models, settings.LatencyProfile));
        Assert.False(settings.Peers.All);
        Assert.Null(settings.Peers.Find("mix-2-0"));
    }

    [Theory]
    [InlineData("Funion__Node")]
    [InlineData("FUNION_ROLE")]
    [InlineData("Funion__NetworkDocument")]
    [InlineData("Funion__Authorities")]
    [InlineData("Funion__Keys")]
    public void What_must_be_there_is_named_when_it_is_not(string setting)
    {
        foreach (string? nothing in (string?[])[null, ""])
        {
            NodeSettingsException error = Assert.Throws<NodeSettingsException>(() => Read(s_all, (setting, nothing)));
            Assert.Equal(setting, error.Setting);
            Assert.Equal($"The setting {setting} is missing.", error.Message);
        }
    }

    [Theory]
    [InlineData("FUNION_ROLE", Secret)]
    [InlineData("FUNION_ROLE", "1")]
    [InlineData("FUNION_ROLE", "+1")]
    [InlineData("FUNION_ROLE", " 1")]
    [InlineData("FUNION_ROLE", "gateway,mix")]
    [InlineData("Funion__Queues", Secret)]
    [InlineData("Funion__Queues", "storage, servicebus")]
    [InlineData("Funion__LatencyProfile", Secret)]
    [InlineData("Funion__LatencyProfile", "0")]
    [InlineData("Funion__Peers", Secret)]
    [InlineData("Funion__Peers", "mix-2-0=" + Secret)]
    public void What_is_wrong_is_named_and_its_value_is_not(string setting, string value)
    {
        NodeSettingsException error = Assert.Throws<NodeSettingsException>(() => Read(s_all, (setting, value)));
        Assert.Equal(setting, error.Setting);
        Assert.StartsWith($"The setting {setting} is no", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_role_is_read_as_templates_write_it()
    {
        foreach (NodeRole role in Enum.GetValues<NodeRole>())
        {
            Assert.Equal(role, Read(s_all, ("FUNION_ROLE", role.ToString().ToLowerInvariant())).Role);
        }
    }

    [Fact]
    public void Prefix_and_role_have_flat_names_only()
    {
        // Triggers name their queues by the flat ones: a node must not believe another role than its triggers do.
        Assert.Equal("m10", Read(s_all, ("Funion__Prefix", "other"), ("Funion__Role", "courier")).Prefix);
        Assert.Equal("FUNION_ROLE", Assert.Throws<NodeSettingsException>(() => Read(s_all, ("FUNION_ROLE", null), ("Funion__Role", "mix"))).Setting);
    }

    /// <summary>As the hosts do: a double underscore of an environment variable begins a section.</summary>
    static NodeSettings Read(Dictionary<string, string?> values, params (string Name, string? Value)[] changes)
    {
        Dictionary<string, string?> changed = new(values);
        foreach ((string name, string? value) in changes)
        {
            changed[name] = value;
        }
        return NodeSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(
            changed.Select(value => KeyValuePair.Create(value.Key.Replace("__", ":", StringComparison.Ordinal), value.Value))).Build());
    }
}
