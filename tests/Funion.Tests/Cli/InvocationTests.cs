using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;

namespace Funion.Tests.Cli;

/// <summary>What holds for every command: refusals before anything begins, and how an interruption is said.</summary>
public sealed class InvocationTests
{
    [Theory]
    [InlineData("network", "new", "network.json", "--keys", "keys", "--tokens", "-1")]
    [InlineData("network", "new", "network.json", "--keys", "keys", "--tokens", "99999999")]
    [InlineData("up", "--tokens", "-1")]
    [InlineData("up", "--tokens", "99999999")]
    [InlineData("bench", "anonymity", "--game", "nosuch")]
    public async Task What_cannot_be_meant_is_refused_before_anything_begins(params string[] arguments)
    {
        using StringWriter data = new(), said = new();
        Assert.Equal(2, await Invocation.RunAsync(FunionRoot.Create(), arguments, data, said));
        Assert.Contains(arguments[^2] == "--game" ? "gateway + compute" : "--tokens", said.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Whatever a command was doing: no trace, and one JSON value where that was asked for.</summary>
    [Fact]
    public async Task An_interruption_is_said_in_one_sentence()
    {
        using CancellationTokenSource stop = new();
        Command wait = new("wait", "Waits.") { Invocation.JsonOption() };
        wait.SetAction(async (_, cancellation) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellation);
            return 0;
        });
        using StringWriter data = new(), messages = new();
        Assert.Equal(130, await Invocation.RunAsync(new RootCommand { wait }, ["wait", "--json"], data, messages, stop.Token));
        Assert.Equal(130, (int)JsonNode.Parse(data.ToString())!["error"]!["code"]!);
        Assert.Equal("funion: Interrupted.", messages.ToString().Trim());
    }
}
