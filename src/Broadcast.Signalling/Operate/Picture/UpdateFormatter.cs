using MessagePack;
using MessagePack.Formatters;

namespace Broadcast.Signalling.Operate.Picture;

/// <summary>
/// An update in MessagePack: [number, since, at, [[removed ids], [[id, columns, cell …] …]] …]. Numbers without a fraction are integers,
/// nothing is nil.
/// </summary>
public sealed class UpdateFormatter : IMessagePackFormatter<Update?>
{
    private const double LargestExact = 9_007_199_254_740_992;

    /// <inheritdoc/>
    public void Serialize(ref MessagePackWriter writer, Update? value, MessagePackSerializerOptions options)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteArrayHeader(4);
        writer.Write(value.Number);
        writer.Write(value.Since);
        writer.Write(value.At);
        writer.WriteArrayHeader(value.Tables.Count);
        foreach (var table in value.Tables)
        {
            writer.WriteArrayHeader(2);
            writer.WriteArrayHeader(table.Removed.Count);
            foreach (var id in table.Removed)
                writer.Write(id);
            writer.WriteArrayHeader(table.Rows.Count);
            foreach (var row in table.Rows)
                Write(ref writer, row);
        }
    }

    /// <inheritdoc/>
    public Update? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        if (reader.TryReadNil())
            return null;
        reader.ReadArrayHeader();
        var (number, since, at) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        var tables = new TableUpdate[reader.ReadArrayHeader()];
        for (var i = 0; i < tables.Length; i++)
        {
            reader.ReadArrayHeader();
            var removed = new string[reader.ReadArrayHeader()];
            for (var j = 0; j < removed.Length; j++)
                removed[j] = reader.ReadString() ?? "";
            var rows = new RowUpdate[reader.ReadArrayHeader()];
            for (var j = 0; j < rows.Length; j++)
                rows[j] = ReadRow(ref reader);
            tables[i] = new TableUpdate(removed, rows);
        }

        return new Update(number, since, at, tables);
    }

    private static void Write(ref MessagePackWriter writer, RowUpdate row)
    {
        writer.WriteArrayHeader(2 + row.Cells.Count);
        writer.Write(row.Id);
        writer.Write(row.Columns);
        foreach (var cell in row.Cells)
        {
            if (cell.Text is { } text)
                writer.Write(text);
            else if (double.IsNaN(cell.Number))
                writer.WriteNil();
            else if (Math.Abs(cell.Number) < LargestExact && cell.Number == Math.Floor(cell.Number))
                writer.Write((long)cell.Number);
            else
                writer.Write(cell.Number);
        }
    }

    private static RowUpdate ReadRow(ref MessagePackReader reader)
    {
        var cells = new Cell[reader.ReadArrayHeader() - 2];
        var (id, columns) = (reader.ReadString() ?? "", reader.ReadInt32());
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = reader.NextMessagePackType switch
            {
                MessagePackType.String => Cell.Of(reader.ReadString()),
                MessagePackType.Nil => ReadNothing(ref reader),
                _ => new Cell(null, reader.ReadDouble()),
            };
        }

        return new RowUpdate(id, columns, cells);
    }

    private static Cell ReadNothing(ref MessagePackReader reader)
    {
        reader.ReadNil();
        return Cell.Nothing;
    }
}
