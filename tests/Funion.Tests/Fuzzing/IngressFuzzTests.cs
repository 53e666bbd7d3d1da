using System.Text;
using System.Text.Json.Nodes;
using Funion.Hosting.Ingress;
using Funion.Roles;
using Funion.Tests.Simulation;
using Microsoft.AspNetCore.Http;

namespace Funion.Tests.Fuzzing;

/// <summary>Requests of any shape at every route: a status that the contract names, a problem that names a rule, and nothing of the server.</summary>
public sealed class IngressFuzzTests
{
    static readonly int[] s_statuses = [200, 202, 400, 404, 405, 415, 429, 503];

    [Fact]
    public async Task Any_request_gets_an_answer_of_the_contract()
    {
        SeededRandom random = new(11);
        IngressHandlers handlers = new(
            300, 120, 1e9, () => "{}"u8.ToArray(), (_, _) => ValueTask.CompletedTask,
            (body, _) => ValueTask.FromResult<byte[]?>(body.Span[0] == 0 ? null : new byte[64]), _ => ValueTask.FromResult<IReadOnlyList<LoopReport>>([]));
        IngressRoutes routes = new(handlers, TimeProvider.System, behindFrontEnd: true);
        Mutator paths = new(random, [.. ((string[])["/v1/packets", "/v1/mailbox", "/v1/network", "/v1/loops", "/v1/health/live", "/v1/../v1/network", "/%76%31/packets", "/"])
            .Select(Encoding.UTF8.GetBytes)]);
        Mutator texts = new(random, [.. ((string[])["application/octet-stream", "127.0.0.1:5", "1.2.3.4, 5.6.7.8:9", "text/plain; charset=\"x\"", "[::1]:7"]).Select(Encoding.UTF8.GetBytes)]);
        HashSet<int> met = [];
        for (int i = 0; i < 20_000; i++)
        {
            DefaultHttpContext context = new();
            context.Request.Method = random.Below(3) switch { 0 => "GET", 1 => "POST", _ => Text(texts.Next()) };
            string path = random.Below(2) == 0 ? ((string[])["/v1/packets", "/v1/mailbox", "/v1/network", "/v1/loops"])[random.Below(4)] : "/" + Text(paths.Next());
            context.Request.Path = new PathString(path);
            byte[] body = new byte[random.Below(3) switch { 0 => 300, 1 => 120, _ => random.Below(1_000) }];
            random.Fill(body);
            context.Request.Body = new MemoryStream(body);
            context.Request.ContentLength = random.Below(3) switch { 0 => Math.Max(0, body.Length + random.Below(9) - 4), 1 => null, _ => body.Length };
            context.Request.ContentType = random.Below(3) == 0 ? Text(texts.Next()) : "application/octet-stream";
            context.Request.Headers["X-Forwarded-For"] = Text(texts.Next());
            using MemoryStream answer = new();
            context.Response.Body = answer;
            await routes.HandleAsync(context);
            int status = context.Response.StatusCode;
            met.Add(status);
            Assert.Contains(status, s_statuses);
            if (status >= 400)
            {
                Assert.Equal("application/problem+json", context.Response.ContentType);
                JsonObject problem = JsonNode.Parse(answer.ToArray())!.AsObject();
                Assert.Equal(["status", "title", "type"], problem.Select(member => member.Key).Order());
                // Nothing that was sent comes back.
                Assert.True(path.Length < 8 || !Encoding.UTF8.GetString(answer.ToArray()).Contains(path, StringComparison.Ordinal));
            }
        }
        Assert.Superset(new HashSet<int> { 200, 202, 400, 404, 405, 415 }, met);
    }

    static string Text(byte[] bytes) => new([.. Encoding.UTF8.GetString(bytes).Where(c => c is not ('\r' or '\n' or '\0'))]);
}
