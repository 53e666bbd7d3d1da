using Funion.Contracts;
using Funion.Hosting.Ingress;

namespace Funion.IntegrationTests.Ingress;

/// <summary>One answer of the contract and how to get it. Together they are all that <c>openapi.json</c> lists, and nothing else.</summary>
/// <param name="Answer">What must come.</param>
/// <param name="At">The node to ask; null where a stage has none such.</param>
/// <param name="Ask">Gets the answer.</param>
sealed record IngressCase(PublishedAnswer Answer, Func<IngressStage, Uri?> At, Func<RawConnection, IngressStage, Task<RawAnswer?>> Ask)
{
    const string Binary = "Content-Type: application/octet-stream\r\n";

    public static IReadOnlyList<IngressCase> All { get; } = [.. RouteTable.Methods.SelectMany(route => Of(route.Value, route.Key))];

    /// <summary>Names it in a test's output.</summary>
    public string Name => $"{Answer.Method} {Answer.Route} {Answer.Status} {Answer.Problem?.Split(':')[^1]}".TrimEnd();

    /// <summary>Whether it takes the server's patience.</summary>
    public bool Waits => Answer.Problem == Problem.Slow.Type;

    static IEnumerable<IngressCase> Of(string method, string route)
    {
        bool posts = method == "POST", ofGateways = route is RouteTable.Packets or RouteTable.Mailbox or RouteTable.Network or RouteTable.Loops;
        IngressCase Case(Problem? problem, Func<RawConnection, IngressStage, Task> send, Func<IngressStage, Uri?>? at = null) => new(
            new PublishedAnswer(method, route, problem?.Status ?? (route is RouteTable.Packets or RouteTable.Hop ? 202 : 200), problem?.Type),
            at ?? (route == RouteTable.Hop ? stage => stage.TakesHops ? stage.Gateway : null : stage => stage.Gateway),
            async (connection, stage) =>
            {
                await send(connection, stage);
                return await connection.ReadAsync();
            });
        Task Good(RawConnection connection, IngressStage stage) => posts
            ? connection.SendAsync(method, route, Binary, stage.Body(route))
            : connection.SendAsync(method, route);

        yield return Case(null, Good);
        yield return Case(Problem.Method, (connection, _) => connection.SendAsync(posts ? "GET" : "POST", route, body: posts ? null : []));
        yield return Case(Problem.Headers, (connection, _) => connection.SendAsync(method, route, $"X-Flood: {new string('x', RouteTable.LargestHeaders)}\r\n"));
        if (ofGateways)
        {
            yield return Case(Problem.Route, (connection, _) => connection.SendAsync(method, route), stage => stage.Courier);
            yield return Case(Problem.Rate, Good) with { Ask = (connection, _) => FloodAsync(connection, method, route) };
        }
        if (route != RouteTable.Live)
        {
            yield return Case(Problem.Unavailable, (connection, _) => connection.SendAsync(method, route), stage => stage.Unready);
            yield return Case(Problem.Internal, (connection, _) => connection.SendAsync(method, route), stage => stage.Buggy);
        }
        if (posts)
        {
            yield return Case(Problem.ContentType, (connection, stage) => connection.SendAsync(method, route, "Content-Type: text/plain\r\n", stage.Body(route)));
            yield return Case(Problem.Size, (connection, stage) => connection.SendAsync(method, route, Binary, stage.Body(route)[..^1]));
            yield return Case(Problem.Slow, (connection, stage) => connection.SendAsync(method, route, Binary, [1, 2, 3], stage.SizeOf(route)));
            // Over a connection nobody is left to be answered; a front end may be.
            yield return Case(Problem.BadRequest, Good, stage => stage.CutsOff ? stage.Gateway : null) with { Ask = (_, stage) => stage.CutOffAsync(route)! };
        }
        if (route == RouteTable.Mailbox)
        {
            yield return Case(Problem.Poll, (connection, stage) => connection.SendAsync(method, route, Binary, [.. Enumerable.Repeat((byte)0xff, stage.SizeOf(route))]));
        }
        if (route == RouteTable.Hop)
        {
            yield return Case(Problem.Sender, (connection, stage) => connection.SendAsync(method, route, Binary, Forged(stage.Body(route))));
            yield return Case(Problem.Time, (connection, stage) => connection.SendAsync(method, route, Binary, stage.Hop(TimeSpan.FromMinutes(6))));
            yield return Case(Problem.Receiver, (connection, stage) => connection.SendAsync(method, route, Binary, stage.Hop(TimeSpan.Zero, misdirected: true)));
        }
    }

    static byte[] Forged(byte[] hop)
    {
        hop[^1] ^= 1;
        return hop;
    }

    /// <summary>Asks, and sends what is refused in between and counted all the same, until there is too much of it.</summary>
    static async Task<RawAnswer?> FloodAsync(RawConnection connection, string method, string route)
    {
        for (int i = 0; i < 20_000; i++)
        {
            bool asks = i % 8 == 7;
            await connection.SendAsync(asks ? method : "POST", asks ? route : RouteTable.Packets, body: []);
            RawAnswer? answer = await connection.ReadAsync();
            if (answer is null || (asks && answer.Status == Problem.Rate.Status))
            {
                Assert.True(i >= 256, "A burst of 256 is allowed.");
                return answer;
            }
        }
        return null;
    }
}
