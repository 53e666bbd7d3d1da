using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;

namespace Funion.Tests.Cli;

/// <summary>What <c>infer</c> says of modes and channels before anything is read or sent.</summary>
public sealed class AskingTests
{
    [Theory]
    [InlineData(2, "--mode", "plain", "--channel", "direct")]
    [InlineData(2, "--mode", "public")]
    [InlineData(2, "--channel", "open")]
    [InlineData(1, "--mode", "enclave", "--channel", "direct")]
    public async Task Modes_and_channels_that_do_not_go_together_are_errors(int expected, params string[] options)
    {
        using StringWriter data = new(), messages = new();
        int code = await Invocation.RunAsync(FunionRoot.Create(), ["infer", "digits", "x.png", "--json", .. options], data, messages);
        Assert.Equal(expected, code);
        Assert.Equal(expected, (int)JsonNode.Parse(data.ToString())!["error"]!["code"]!);
    }

    [Fact]
    public async Task A_deadline_is_what_was_said_last()
    {
        using StringWriter data = new(), messages = new();
        int code = await ClientErrors.RunAsync(new Output(data, messages, json: false), TimeSpan.FromHours(1), async (extend, token) =>
        {
            extend(TimeSpan.FromHours(2));
            Assert.False(token.IsCancellationRequested);
            extend(TimeSpan.FromMilliseconds(1));
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return 0;
        }, CancellationToken.None);
        Assert.Equal((int)ExitCode.TimedOut, code);
    }
}
