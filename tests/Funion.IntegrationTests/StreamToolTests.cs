using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Bacap;
using Funion.Cli;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Client;

namespace Funion.IntegrationTests;

/// <summary>put and delete of the tool in process. get writes bytes to the process's stdout, so what it would write is read through a session.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class StreamToolTests(MemoryNetworkFixture network)
{
    [Fact]
    public async Task A_file_is_what_was_put_until_it_is_deleted()
    {
        byte[] content = RandomNumberGenerator.GetBytes(1 << 20);
        string file = Path.Combine(network.Folder, "megabyte");
        await File.WriteAllBytesAsync(file, content);
        (int code, JsonNode stored) = await RunAsync("put", file);
        Assert.True(code == 0, stored.ToJsonString());
        string read = (string)stored["read"]!;
        Assert.True(ReadCapability.TryParse(read, out ReadCapability? capability));
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(2));
        await using (FunionSession session = new(network.Host.Signed.Document))
        {
            Assert.Equal(content, await session.Client.GetAsync(capability!, 1 << 21, null, deadline.Token));
        }
        (code, JsonNode deleted) = await RunAsync("delete", (string)stored["write"]!);
        Assert.True(code == 0, deleted.ToJsonString());
        (code, JsonNode gone) = await RunAsync("get", read);
        Assert.Equal(1, code);
        Assert.Equal(1, (int)gone["error"]!["code"]!);
    }

    [Fact]
    public async Task Status_counts_what_came_back()
    {
        (int code, JsonNode status) = await RunAsync("status");
        Assert.True(code == 0, status.ToJsonString());
        Assert.Null(status["error"]);
    }

    async Task<(int Code, JsonNode Answer)> RunAsync(params string[] arguments)
    {
        using StringWriter data = new(), messages = new();
        int code = await Invocation.RunAsync(FunionRoot.Create(), [.. arguments, "--network", network.Document, "--json"], data, messages);
        return (code, JsonNode.Parse(data.ToString())!);
    }
}
