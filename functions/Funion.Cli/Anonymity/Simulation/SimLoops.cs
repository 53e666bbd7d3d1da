using Funion.Mixing;
using Funion.Network;
using Funion.Client;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>A mix's or a gateway's own loops, after <see cref="LoopRole"/>.</summary>
sealed class SimLoops
{
    readonly World _world;
    readonly PathSelection _paths;
    readonly DecoyDestinations _decoys;
    readonly int _self;
    readonly NodeDescriptor _node;

    public SimLoops(World world, NodeDescriptor node)
    {
        _world = world;
        _node = node;
        _self = world.IndexOf(node.Id);
        _paths = new PathSelection(world.Document, node, world.Random);
        _decoys = new DecoyDestinations(world.Document);
        Arm(SlotSource.Of(world.Document, node)[0].Mean);
    }

    public NodeDescriptor Node => _node;

    /// <summary>Whether to watch every loop for its end, which costs an event each.</summary>
    public bool CountsLost { get; set; }

    public long Sent { get; private set; }

    public long Returned { get; private set; }

    public long Lost { get; private set; }

    public long Damaged { get; private set; }

    public long Late { get; private set; }

    void Arm(TimeSpan mean)
    {
        if (mean != Timeout.InfiniteTimeSpan && _world.Protections.Cover > 0)
        {
            _world.Events.In(_world.Random.Exponential(mean), () =>
            {
                Send();
                Arm(mean);
            });
        }
    }

    void Send()
    {
        long epoch = _world.Document.Epoch;
        PathHop[] forward = _paths.From(_node, _decoys.Draw(_world.Random).Node, epoch), back = _paths.BackTo(_node, epoch);
        bool returned = false, lost = false;
        TimeSpan honest = PathSelection.DelayOf(forward) + PathSelection.DelayOf(back) + (4 * _world.Document.Rates.MeanDelay);
        DateTimeOffset late = _world.Events.Now + honest + TimeSpan.FromSeconds(5);
        NullPacket packet = new(forward, back, null, reply =>
        {
            returned = true;
            Lost -= lost ? 1 : 0;
            Damaged += reply.Tagged ? 1 : 0;
            Returned += reply.Tagged ? 0 : 1;
            Late += !reply.Tagged && _world.Events.Now > late ? 1 : 0;
        });
        Sent++;
        if (CountsLost)
        {
            _world.Events.In(honest + _world.Document.Slack, () =>
            {
                lost = !returned;
                Lost += lost ? 1 : 0;
            });
        }
        _world.Send(_self, _world.IndexOf(forward[0].Node), packet);
    }
}
