using Funion.Bacap;
using Funion.Cli.Anonymity.Simulation;
using Funion.Client;
using Funion.Inference;
using Funion.Network;
using Funion.Roles;
using Funion.Tests.Simulation;

namespace Funion.Tests.Anonymity;

/// <summary>The model in which the games are played against the real network, with all its cryptography, in the same virtual time.</summary>
public sealed class ModelTests
{
    const int Clients = 4, Rounds = 2;

    static readonly TimeSpan s_bucket = TimeSpan.FromSeconds(5), s_long = TimeSpan.FromMinutes(10);

    [Fact]
    public void Links_carry_as_much_and_everything_takes_as_long_as_in_the_real_network()
    {
        Measured real = Real(), model = Model(real.Document);
        Assert.True(real.Links.Count >= 10);
        Assert.Equal(real.Links.Keys, model.Links.Keys);
        foreach ((string link, double perSecond) in real.Links)
        {
            // A real count is a draw of a Poisson process or of something steadier; a packet and its reply may come together.
            double deviation = Math.Sqrt(2 * perSecond / real.Seconds) + Math.Sqrt(2 * model.Links[link] / model.Seconds);
            Assert.True(Math.Abs(perSecond - model.Links[link]) < 4.5 * deviation, $"{link}: {perSecond:F3}/s, in the model {model.Links[link]:F3}/s");
        }
        foreach ((string what, List<double> times) in real.Times)
        {
            // The model has drawn so often that its distribution is known; the real times are a few draws of it.
            List<double> many = model.Times[what];
            double mean = many.Average(), deviation = Math.Sqrt(many.Average(time => (time - mean) * (time - mean)) / times.Count);
            Assert.True(Math.Abs(times.Average() - mean) < 4.5 * deviation, $"{what}: {times.Average():F3} s, in the model {mean:F3} s, deviation {deviation:F3} s");
            // Kolmogorov and Smirnov: one in ten thousand.
            Assert.True(Distance(times, many) < 2.23 / Math.Sqrt(times.Count), $"{what}: {string.Join(", ", times)}");
        }
    }

    [Fact]
    public void Every_link_carries_one_size()
    {
        World world = new(World.Plan(), new Protections(), 3);
        SimCompute compute = new(world);
        SimAsker asker = new(world, world.AddClient());
        for (int i = 0; i < 3; i++)
        {
            world.Events.Run(asker.AskAsync(compute.Draft(compute.Offerings[0])));
        }
        Assert.Equal(0, world.Recorder.OddSizes);
        Assert.True(compute.Started.Dummies > 0 && compute.Started.All - compute.Started.Dummies == 3);
    }

    [Fact]
    public void Runs_repeat()
    {
        static long Packets()
        {
            World world = new(World.Plan(), new Protections(), 5);
            SimCompute compute = new(world);
            world.Events.Run(new SimAsker(world, world.AddClient()).AskAsync(compute.Draft(compute.Offerings[0])));
            return world.Recorder.Links.Sum(link => world.Recorder.Link(link.From, link.To).Total);
        }
        Assert.Equal(Packets(), Packets());
    }

    static Measured Real()
    {
        using SimulatedNetwork network = new(seed: 11);
        MixnetClient[] senders = [.. Enumerable.Range(0, Clients).Select(_ => network.NewClient())];
        network.Run.Add(senders);
        Measured measured = new(network.Document);
        network.Run.For(TimeSpan.FromSeconds(60));
        DateTimeOffset began = network.Time.GetUtcNow();
        SortedDictionary<string, long> before = network.Network.Links.ByKind(network.Document);
        Task all = Task.WhenAll(senders.Select(sender => LiveAsync(network, sender, measured)));
        network.Run.Until(() => all.IsCompleted, s_long);
        all.GetAwaiter().GetResult();
        measured.Seconds = (network.Time.GetUtcNow() - began).TotalSeconds;
        foreach ((string link, long count) in network.Network.Links.ByKind(network.Document))
        {
            measured.Links[link] = (count - before.GetValueOrDefault(link)) / measured.Seconds;
        }
        foreach (MixnetClient sender in senders)
        {
            sender.Dispose();
        }
        return measured;
    }

    static async Task LiveAsync(SimulatedNetwork network, MixnetClient sender, Measured measured)
    {
        FunionClient client = new(sender);
        async Task TimedAsync(string what, Task done)
        {
            DateTimeOffset start = network.Time.GetUtcNow();
            await done;
            measured.Add(what, (network.Time.GetUtcNow() - start).TotalSeconds);
        }
        byte[] silence = new byte[network.Document.Geometry.UserPayload];
        for (int i = 0; i < Rounds; i++)
        {
            await TimedAsync("a question", client.InferAsync("doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], s_bucket));
            await TimedAsync("an exchange", sender.RequestAsync(new ServiceAddress(network.Document.Couriers[0], ServiceNames.Loop), silence, default));
            WriteCapability write = WriteCapability.Create();
            await TimedAsync("a write", client.Boxes.WriteAsync(FixedStream.Seal(write, [1, 2, 3], 1, client.Boxes.Geometry)[0], default));
            await TimedAsync("a read", client.Boxes.ReadAsync(write.ToReadCapability(), write.First, default));
        }
    }

    static Measured Model(NetworkDocument document)
    {
        World world = new(document, new Protections(), 12);
        SimCompute compute = new(world) { RunTime = _ => TimeSpan.Zero };
        // One client is idle, as the real network's own is.
        SimClient[] clients = [.. Enumerable.Range(0, Clients + 1).Select(_ => world.AddClient())];
        Measured measured = new(document);
        world.Events.Run(TimeSpan.FromSeconds(60));
        Dictionary<(int, int), long> before = world.Recorder.Links.ToDictionary(link => link, link => world.Recorder.Link(link.From, link.To).Total);
        double began = world.Events.Seconds;
        world.Events.Run(Task.WhenAll(clients[1..].Select(client => LiveAsync(world, compute, client, measured))));
        measured.Seconds = world.Events.Seconds - began;
        foreach ((int From, int To) link in world.Recorder.Links.Where(link => Math.Max(link.From, link.To) < world.Nodes.Count))
        {
            string kind = $"{Kind(world.Nodes[link.From])} → {Kind(world.Nodes[link.To])}";
            measured.Links[kind] = measured.Links.GetValueOrDefault(kind)
                + ((world.Recorder.Link(link.From, link.To).Total - before.GetValueOrDefault(link)) / measured.Seconds);
        }
        return measured;
    }

    static async Task LiveAsync(World world, SimCompute compute, SimClient client, Measured measured)
    {
        async Task TimedAsync(string what, Task done)
        {
            double start = world.Events.Seconds;
            await done;
            measured.Add(what, world.Events.Seconds - start);
        }
        SimBoxes boxes = new(world, client);
        for (int i = 0; i < 60 * Rounds; i++)
        {
            SimJob job = compute.Draft(compute.Offerings[0]);
            await TimedAsync("a question", new SimAsker(world, client).AskAsync(job));
            SimBox box = new(world.Replicas.Count, world.Random);
            await TimedAsync("an exchange", Loop(client, world.Document));
            await TimedAsync("a write", boxes.WriteAsync(box));
            await TimedAsync("a read", boxes.ReadAsync(box));
        }
    }

    /// <summary>Any envelope's first exchange is acknowledged at once, as a loop is.</summary>
    static Task Loop(SimClient client, NetworkDocument document)
    {
        SimBox box = new(document.Replicas.Count, new SeededSource(1));
        return client.RequestAsync(new ServiceAddress(document.Couriers[0], ServiceNames.Courier), new SimEnvelope(box, BoxAct.Write, 0, 1));
    }

    static string Kind(NodeDescriptor node) => node.Role == NodeRole.Mix ? $"mix {node.Layer}" : node.Role.ToString().ToLowerInvariant();

    /// <summary>The largest difference of two distribution functions.</summary>
    static double Distance(List<double> few, List<double> many) => few.Max(at => Math.Max(
        Math.Abs(Below(few, at, inclusive: true) - Below(many, at, inclusive: true)), Math.Abs(Below(few, at, inclusive: false) - Below(many, at, inclusive: false))));

    static double Below(List<double> values, double at, bool inclusive) => values.Count(value => value < at || (inclusive && value == at)) / (double)values.Count;

    sealed class Measured(NetworkDocument document)
    {
        public NetworkDocument Document => document;

        public SortedDictionary<string, double> Links { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, List<double>> Times { get; } = [];

        public double Seconds { get; set; }

        public void Add(string what, double seconds)
        {
            if (!Times.TryGetValue(what, out List<double>? times))
            {
                Times[what] = times = [];
            }
            times.Add(seconds);
        }
    }
}
