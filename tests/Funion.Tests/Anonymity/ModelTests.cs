using System.Diagnostics;
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
    const int Questions = 10;

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
            (double mean, double error) = Mean(times);
            (double modelMean, double modelError) = Mean(model.Times[what]);
            double deviation = Math.Sqrt((error * error) + (modelError * modelError));
            Assert.True(Math.Abs(mean - modelMean) < 4.5 * deviation, $"{what}: {mean:F3} s, in the model {modelMean:F3} s, deviation {deviation:F3} s");
            // Neither may be a mean without its spread.
            double ratio = error * Math.Sqrt(times.Count) / (modelError * Math.Sqrt(model.Times[what].Count));
            Assert.InRange(ratio, 0.4, 2.5);
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
        Measured measured = new(network.Document);
        network.Run.For(TimeSpan.FromSeconds(60));
        DateTimeOffset began = network.Time.GetUtcNow();
        SortedDictionary<string, long> before = network.Network.Links.ByKind(network.Document);
        double Timed(Func<Task> act)
        {
            DateTimeOffset start = network.Time.GetUtcNow();
            Task done = act();
            network.Run.Until(() => done.IsCompleted, s_long);
            done.GetAwaiter().GetResult();
            return (network.Time.GetUtcNow() - start).TotalSeconds;
        }
        byte[] silence = new byte[network.Document.Geometry.UserPayload];
        PigeonholeClient boxes = network.Client.Boxes;
        for (int i = 0; i < Questions; i++)
        {
            measured.Add("a question", Timed(() => network.Client.InferAsync("doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], s_bucket)));
            network.Run.Until(() => network.Client.Cleanup.IsCompleted, s_long);
            measured.Add("an exchange", Timed(() => network.Mixnet.RequestAsync(new ServiceAddress(network.Document.Couriers[0], ServiceNames.Loop), silence, default)));
            WriteCapability write = WriteCapability.Create();
            Box box = FixedStream.Seal(write, [1, 2, 3], 1, boxes.Geometry)[0];
            measured.Add("a write", Timed(() => boxes.WriteAsync(box, default)));
            measured.Add("a read", Timed(() => boxes.ReadAsync(write.ToReadCapability(), write.First, default)));
        }
        measured.Seconds = (network.Time.GetUtcNow() - began).TotalSeconds;
        foreach ((string link, long count) in network.Network.Links.ByKind(network.Document))
        {
            measured.Links[link] = (count - before.GetValueOrDefault(link)) / measured.Seconds;
        }
        return measured;
    }

    static Measured Model(NetworkDocument document)
    {
        World world = new(document, new Protections(), 12);
        SimCompute compute = new(world) { RunTime = _ => TimeSpan.Zero };
        SimClient client = world.AddClient();
        Measured measured = new(document);
        world.Events.Run(TimeSpan.FromSeconds(60));
        Dictionary<(int, int), long> before = world.Recorder.Links.ToDictionary(link => link, link => world.Recorder.Link(link.From, link.To).Total);
        double began = world.Events.Seconds;
        double Timed(Task done)
        {
            double start = world.Events.Seconds;
            world.Events.Run(done);
            return world.Events.Seconds - start;
        }
        SimBoxes boxes = new(world, client);
        for (int i = 0; i < 40 * Questions; i++)
        {
            SimJob job = compute.Draft(compute.Offerings[0]);
            measured.Add("a question", Timed(new SimAsker(world, client).AskAsync(job)));
            world.Events.Run(job.Forgotten);
            SimBox box = new(document.Replicas.Count, world.Random);
            measured.Add("an exchange", Timed(Loop(client, document)));
            measured.Add("a write", Timed(boxes.WriteAsync(box)));
            measured.Add("a read", Timed(boxes.ReadAsync(box)));
        }
        measured.Seconds = world.Events.Seconds - began;
        foreach ((int From, int To) link in world.Recorder.Links.Where(link => Math.Max(link.From, link.To) < world.Nodes.Count))
        {
            string kind = $"{Kind(world.Nodes[link.From])} → {Kind(world.Nodes[link.To])}";
            measured.Links[kind] = measured.Links.GetValueOrDefault(kind)
                + ((world.Recorder.Link(link.From, link.To).Total - before.GetValueOrDefault(link)) / measured.Seconds);
        }
        return measured;
    }

    /// <summary>Any envelope's first exchange is acknowledged at once, as a loop is.</summary>
    static Task Loop(SimClient client, NetworkDocument document)
    {
        SimBox box = new(document.Replicas.Count, new SeededSource(1));
        return client.RequestAsync(new ServiceAddress(document.Couriers[0], ServiceNames.Courier), new SimEnvelope(box, BoxAct.Write, 0, 1));
    }

    static string Kind(NodeDescriptor node) => node.Role == NodeRole.Mix ? $"mix {node.Layer}" : node.Role.ToString().ToLowerInvariant();

    static (double Mean, double Error) Mean(List<double> values)
    {
        double mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) / values.Count));
    }

    sealed class Measured(NetworkDocument document)
    {
        public NetworkDocument Document => document;

        public SortedDictionary<string, double> Links { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, List<double>> Times { get; } = [];

        public double Seconds { get; set; }

        public void Add(string what, double seconds)
        {
            Debug.Assert(seconds > 0);
            if (!Times.TryGetValue(what, out List<double>? times))
            {
                Times[what] = times = [];
            }
            times.Add(seconds);
        }
    }
}
