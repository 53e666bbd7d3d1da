using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// The paced links after <see cref="PacedLinks"/>: <see cref="SlotSource"/> says which there are; a slot takes what waits for the peer or makes a decoy; every
/// command gets one reply after a uniform delay up to 1/λR, with what is ready for that peer, or a decoy (Echomix 5.3, 5.4).
/// </summary>
sealed class SimLinks(World world)
{
    readonly Dictionary<(int From, int To), Queue<LinkMessage>> _waiting = [], _answers = [];
    readonly Dictionary<int, Action<int, LinkMessage>> _receivers = [];
    readonly int _size = new PigeonholeGeometry(world.Document.Geometry.UserPayload).CommandSize;

    /// <summary>What may wait for one link of a courier (CourierEnvelopes).</summary>
    public int MostWaiting { get; } = (int)Math.Max(8, 30 * world.Document.Rates.LinkPerSecond);

    public void Receive(int node, Action<int, LinkMessage> handle) => _receivers[node] = handle;

    public void Start()
    {
        foreach (NodeDescriptor node in world.Nodes.Where(node => node.Role is NodeRole.Courier or NodeRole.Replica))
        {
            foreach (SlotSource source in SlotSource.Of(world.Document, node))
            {
                Pace(world.IndexOf(node.Id), world.IndexOf(source.Peer), source.Mean);
            }
        }
    }

    public int Waiting(int from, int to) => QueueOf(_waiting, from, to).Count;

    public void Say(int from, int to, LinkMessage message) => QueueOf(_waiting, from, to).Enqueue(message);

    public void Answer(int from, int to, LinkMessage message) => QueueOf(_answers, from, to).Enqueue(message);

    void Pace(int from, int to, TimeSpan mean)
    {
        Queue<LinkMessage> waiting = QueueOf(_waiting, from, to), answers = QueueOf(_answers, to, from);
        void Arm() => world.Events.In(world.Random.Exponential(mean), Slot);
        void Reply()
        {
            world.Recorder.Wire(to, from, _size);
            if (answers.TryDequeue(out LinkMessage? answer))
            {
                _receivers[from](to, answer);
            }
        }
        void Slot()
        {
            world.Recorder.Wire(from, to, _size);
            if (waiting.TryDequeue(out LinkMessage? message))
            {
                _receivers[to](from, message);
            }
            world.Events.In(mean * world.Random.NextDouble(), Reply);
            Arm();
        }
        Arm();
    }

    static Queue<LinkMessage> QueueOf(Dictionary<(int From, int To), Queue<LinkMessage>> queues, int from, int to)
    {
        if (!queues.TryGetValue((from, to), out Queue<LinkMessage>? queue))
        {
            queues[(from, to)] = queue = new();
        }
        return queue;
    }
}
