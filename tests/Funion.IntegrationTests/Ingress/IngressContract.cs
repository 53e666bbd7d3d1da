using System.Text;
using System.Text.Json.Nodes;
using Funion.Contracts;
using Funion.Hosting.Ingress;
using Funion.Mixing;
using Funion.Network;

namespace Funion.IntegrationTests.Ingress;

/// <summary>The ingress as <c>openapi.json</c> publishes it, wherever it runs. Requests go over a raw connection: a client's library would be too polite.</summary>
public abstract class IngressContract
{
    const string Binary = "Content-Type: application/octet-stream\r\n";

    private protected abstract IngressStage Stage { get; }

    public static TheoryData<string> Cases() => new(IngressCase.All.Where(one => !one.Waits).Select(one => one.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task It_answers_as_published(string name) => RunAsync(Assert.Single(IngressCase.All, one => one.Name == name));

    [Fact]
    public Task Who_sends_slowly_is_cut_off() => Task.WhenAll(IngressCase.All.Where(one => one.Waits).Select(RunAsync).Append(SlowHeadAsync()));

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("POST", "/v1/nothing")]
    [InlineData("GET", "/v1/packets/1")]
    [InlineData("GET", "/v1/network/")]
    [InlineData("GET", "/openapi.json")]
    [InlineData("GET", "/v1/../v1/nothing")]
    [InlineData("OPTIONS", "*")]
    public async Task An_unknown_route_is_not_found(string method, string route) => AssertProblem(await AskAsync(method, route), Problem.Route);

    [Theory]
    [InlineData("PUT", "/v1/packets")]
    [InlineData("DELETE", "/v1/mailbox")]
    [InlineData("PATCH", "/v1/network")]
    [InlineData("OPTIONS", "/v1/loops")]
    [InlineData("get", "/v1/health/live")]
    [InlineData("BREW", "/v1/health/ready")]
    public async Task Any_other_method_is_not_allowed(string method, string route)
    {
        RawAnswer answer = await AskAsync(method, route);
        AssertProblem(answer, Problem.Method);
        Assert.Equal(RouteTable.Methods[route], answer.Headers["Allow"]);
    }

    [Theory]
    [InlineData("/v1/packets", 0)]
    [InlineData("/v1/packets", 100_000_000)]
    [InlineData("/v1/packets", long.MaxValue)]
    [InlineData("/v1/mailbox", 0)]
    [InlineData("/v1/mailbox", 100_000_000)]
    public async Task A_body_of_another_size_is_refused_before_it_comes(string route, long length)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(Stage.Gateway);
        await connection.SendAsync("POST", route, Binary, length: length);
        AssertProblem(await connection.ReadAsync(), Problem.Size);
    }

    [Theory]
    [InlineData("/v1/packets")]
    [InlineData("/v1/mailbox")]
    public async Task A_byte_more_is_refused(string route) =>
        AssertProblem(await AskAsync("POST", route, Binary, [.. Stage.Body(route), 0]), Problem.Size);

    [Theory]
    [InlineData("/v1/packets")]
    [InlineData("/v1/mailbox")]
    public async Task A_body_that_does_not_say_its_size_is_refused(string route)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(Stage.Gateway);
        byte[] body = Stage.Body(route);
        await connection.SendAsync("POST", route, Binary + "Transfer-Encoding: chunked\r\n");
        await connection.SendAsync([.. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), .. body, .. "\r\n0\r\n\r\n"u8]);
        AssertProblem(await connection.ReadAsync(), Problem.Size);
    }

    [Theory]
    [InlineData("/v1/packets")]
    [InlineData("/v1/mailbox")]
    public async Task A_body_that_ends_early_ends_the_connection(string route)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(Stage.Gateway);
        await connection.SendAsync("POST", route, Binary, [1, 2, 3], Stage.SizeOf(route));
        connection.Finish();
        Assert.Null(await connection.ReadAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Content-Type: application/json\r\n")]
    [InlineData("Content-Type: application/octet-stream; charset=utf-8\r\n")]
    [InlineData("Content-Type: text/html\r\nContent-Type: application/octet-stream\r\n")]
    public async Task Any_other_content_type_is_refused(string headers) =>
        AssertProblem(await AskAsync("POST", "/v1/packets", headers, Stage.Body("/v1/packets")), Problem.ContentType);

    [Theory]
    [InlineData(40_000, 1)]
    [InlineData(10, 2_000)]
    public async Task A_flood_of_headers_ends_the_connection(int length, int count)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(Stage.Gateway);
        await connection.SendAsync("GET", "/v1/network", string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('x', length)}\r\n")));
        AssertBare(await connection.ReadAsync(), 431);
        await connection.ReadToEndAsync();
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001 hello\r\n\r\n", 400)]
    [InlineData("GET /v1/network HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /v1/network HTTP/3.0\r\nHost: node\r\n\r\n", 505)]
    [InlineData("POST /v1/packets HTTP/1.1\r\nHost: node\r\nContent-Length: -1\r\n\r\n", 400)]
    [InlineData("POST /v1/packets HTTP/1.1\r\nHost: node\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400)]
    [InlineData("GET /v1/network HTTP/1.1\r\nHost: node\r\nX: \0\r\n\r\n", 400)]
    public async Task What_is_no_http_ends_the_connection(string text, int status)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(Stage.Gateway);
        await connection.SendAsync(Encoding.Latin1.GetBytes(text));
        AssertBare(await connection.ReadAsync(), status);
        await connection.ReadToEndAsync();
    }

    [Fact]
    public async Task A_request_line_of_any_length_is_not_read_to_its_end()
    {
        await using RawConnection connection = await RawConnection.OpenAsync(Stage.Gateway);
        await connection.SendAsync("GET", "/" + new string('x', 20_000));
        AssertBare(await connection.ReadAsync(), 414);
        await connection.ReadToEndAsync();
    }

    [Fact]
    public async Task After_a_refusal_the_connection_goes_on()
    {
        await using RawConnection connection = await RawConnection.OpenAsync(Stage.Gateway);
        await connection.SendAsync("POST", "/v1/packets", Binary, [1, 2, 3]);
        AssertProblem(await connection.ReadAsync(), Problem.Size);
        await connection.SendAsync("GET", "/v1/health/live");
        Assert.Equal(200, (await connection.ReadAsync())!.Status);
    }

    [Fact]
    public async Task An_answer_to_a_poll_has_exactly_m_entries_and_one_to_a_packet_none()
    {
        Assert.Equal(
            Stage.Document.Mailbox.PacketsPerPoll * MailboxAnswer.EntrySize(Stage.Geometry),
            (await AskAsync("POST", "/v1/mailbox", Binary, Stage.Body("/v1/mailbox"))).Body.Length);
        Assert.Empty((await AskAsync("POST", "/v1/packets", Binary, Stage.Body("/v1/packets"))).Body);
    }

    [Fact]
    public async Task The_document_it_serves_is_signed_by_the_authorities()
    {
        byte[] served = (await AskAsync("GET", "/v1/network")).Body;
        DocumentVerdict verdict = new NetworkTrust(Stage.Trusted).Check(served, Stage.Document.ValidAfter, null, out NetworkDocument? document);
        Assert.Equal(DocumentVerdict.Accepted, verdict);
        Assert.Equal(Stage.Document.Hash(), document!.Hash());
    }

    [Fact]
    public async Task Loops_are_totals()
    {
        JsonArray loops = JsonNode.Parse((await AskAsync("GET", "/v1/loops")).Body)!.AsArray();
        Assert.NotEmpty(loops);
        Assert.All(loops, loop => Assert.Equal(["damaged", "late", "lost", "node", "returned", "segment", "sent"], loop!.AsObject().Select(member => member.Key).Order()));
    }

    private protected async Task<RawAnswer> AskAsync(string method, string route, string headers = "", byte[]? body = null, Uri? at = null)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(at ?? Stage.Gateway);
        await connection.SendAsync(method, route, headers, body);
        return Told(await connection.ReadAsync());
    }

    private protected static void AssertProblem(RawAnswer? answer, Problem problem)
    {
        Assert.Equal(problem.Status, Told(answer).Status);
        Assert.Equal("application/problem+json", answer!.Headers["Content-Type"]);
        JsonObject body = JsonNode.Parse(answer.Body)!.AsObject();
        Assert.Equal(["status", "title", "type"], body.Select(member => member.Key).Order());
        Assert.Equal((problem.Type, problem.Title, problem.Status), ((string?)body["type"], (string?)body["title"], (int)body["status"]!));
    }

    async Task RunAsync(IngressCase one)
    {
        if (one.At(Stage) is not { } address)
        {
            // No such node on this stage. Another has one: the coverage test counts cases, and that stage runs all of them.
            return;
        }
        await using RawConnection connection = await RawConnection.OpenAsync(address);
        RawAnswer answer = Told(await one.Ask(connection, Stage));
        if (one.Answer.Problem is { } problem)
        {
            AssertProblem(answer, Assert.Single(Problem.All, known => known.Type == problem));
        }
        Assert.Equal(one.Answer.Status, answer.Status);
        Assert.Equal(one.Answer.Status == 405, answer.Headers.ContainsKey("Allow"));
        Assert.Equal(one.Answer.Status == 429 ? "1" : null, answer.Headers.GetValueOrDefault("Retry-After"));
    }

    async Task SlowHeadAsync()
    {
        await using RawConnection connection = await RawConnection.OpenAsync(Stage.Gateway);
        await connection.SendAsync(Encoding.ASCII.GetBytes("GET /v1/network HTTP/1.1\r\nHost: node\r\nX: "));
        AssertBare(await connection.ReadAsync(), 408);
    }

    /// <summary>The server's own word, before any route is asked.</summary>
    static void AssertBare(RawAnswer? answer, int status)
    {
        Assert.Equal(status, Told(answer).Status);
        Assert.Empty(answer!.Body);
    }

    /// <summary>No answer says what the server is.</summary>
    static RawAnswer Told(RawAnswer? answer)
    {
        Assert.NotNull(answer);
        Assert.Empty(answer.Headers.Keys.Except(["Content-Length", "Content-Type", "Date", "Connection", "Allow", "Retry-After"], StringComparer.OrdinalIgnoreCase));
        return answer;
    }
}
