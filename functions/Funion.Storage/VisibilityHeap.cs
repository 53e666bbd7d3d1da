namespace Funion.Storage;

/// <summary>
/// The messages of one queue, leased ones too, in a binary heap by the time at which they are next visible; equal times by number.
/// A message knows its place, so one in the middle moves or leaves in O(log n). Its owner locks.
/// </summary>
sealed class VisibilityHeap
{
    readonly Dictionary<long, HeldMessage> _byNumber = [];
    HeldMessage[] _heap = new HeldMessage[16];

    public int Count { get; private set; }

    public HeldMessage? First => Count == 0 ? null : _heap[0];

    public HeldMessage? Find(long number) => _byNumber.GetValueOrDefault(number);

    public void Add(HeldMessage message)
    {
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, Count * 2);
        }
        _byNumber.Add(message.Number, message);
        message.Place = Count++;
        _heap[message.Place] = message;
        Rise(message);
    }

    /// <summary>Puts a message whose time has changed where it belongs.</summary>
    public void Moved(HeldMessage message)
    {
        Rise(message);
        Sink(message);
    }

    public void Remove(HeldMessage message)
    {
        _byNumber.Remove(message.Number);
        HeldMessage last = _heap[--Count];
        _heap[Count] = null!;
        if (last != message)
        {
            last.Place = message.Place;
            _heap[last.Place] = last;
            Moved(last);
        }
    }

    void Rise(HeldMessage message)
    {
        int place = message.Place;
        while (place > 0 && Before(message, _heap[(place - 1) / 2]))
        {
            Set(place, _heap[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        Set(place, message);
    }

    void Sink(HeldMessage message)
    {
        int place = message.Place;
        while (2 * place + 1 < Count)
        {
            int child = 2 * place + 1;
            if (child + 1 < Count && Before(_heap[child + 1], _heap[child]))
            {
                child++;
            }
            if (!Before(_heap[child], message))
            {
                break;
            }
            Set(place, _heap[child]);
            place = child;
        }
        Set(place, message);
    }

    void Set(int place, HeldMessage message)
    {
        _heap[place] = message;
        message.Place = place;
    }

    static bool Before(HeldMessage a, HeldMessage b) => a.VisibleAt != b.VisibleAt ? a.VisibleAt < b.VisibleAt : a.Number < b.Number;
}
